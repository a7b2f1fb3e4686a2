#include "config/sections.h"

#include <set>
#include <utility>

#include "config/section_parts.h"

namespace clipig {
namespace {

using namespace sections;

std::vector<FieldSpec> run_fields() {
    return {
        field("verbose", FieldType::integer, "2", "0 silent, 1 progress bar, 2 statistics."),
        field("output", FieldType::text, "./",
              "A directory (ends with `/`; the file is named after the last configuration) or a picture file: `.png`, `.jpg`, `.webp`, "
              "`.tif`."),
        unit(at_least(
                 field("snapshot_interval", FieldType::interval, "20.", "Time between snapshots: float = seconds, int = epochs, 0 = none."),
                 0),
             "seconds or epochs"),
        at_least(field("epochs", FieldType::integer, "300", "Optimisation steps; every target's batch counts as part of one step."), 0),
        at_least(field("start_epoch", FieldType::integer, "0", "Epochs to skip, to continue a run."), 0),
        any_number(
            field("model", FieldType::text, "auto",
                  "CLIP model: a known name (`ViT-B/32`, `mini`, ...), a path or a hub id; a list of them optimises for all at once. "
                  "`auto`: ViT-B/32 if it is there or can be downloaded, else the bundled mini.")),
        any_number(
            at_least(field("model_weight", FieldType::real, "1", "Share of each model of a list in the loss; divided by their sum."), 0)),
        at_least(field("seed", FieldType::integer, "null", "Fixes everything random. When it is not given one is drawn and recorded."), 0),
        field("device", FieldType::text, "auto", "`auto`, `cpu`, `cuda`, `cuda:1`, ..."),
        one_of(field("precision", FieldType::text, "auto", "Arithmetic of the model."), {"auto", "fp32", "bf16", "fp16"}),
        field("deterministic", FieldType::boolean, "false", "Use only arithmetic that gives the same bits on every run, also on a GPU."),
        field("truncate", FieldType::boolean, "false", "Cut texts that are too long for the model instead of refusing them."),
        field("no_text", FieldType::boolean, "false",
              "Give each target that has features one more, `text: text, words, letters` with `weight: -.3`: models like to write what "
              "they see. "
              "It counts for every view, whatever `select` says."),
    };
}

/// What is written while the run goes on, and what happens when something goes wrong.
std::vector<FieldSpec> keeping_fields() {
    return {
        field("checkpoint", FieldType::boolean, "true",
              "Keep `NAME.checkpoint.safetensors` beside the picture, from which `clipig resume` goes on."),
        unit(
            at_least(field("checkpoint_interval", FieldType::interval, "null",
                           "Time between checkpoints: float = seconds, int = epochs, 0 = only at the end. Without it: with the snapshots."),
                     0),
            "seconds or epochs"),
        one_of(field("on_nan", FieldType::text, "skip",
                     "When a number is not finite, `skip` goes back to the picture before the last step and halves the steps; `stop` ends "
                     "the run."),
               {"skip", "stop"}),
        field("metrics", FieldType::boolean, "false",
              "Write `NAME.csv`: epoch, loss, learnrate, seconds and every similarity (`clipig plot`)."),
        unit(one_of(field("png_depth", FieldType::text, "8", "Bits of each colour in PNG and TIFF files."), {"8", "16"}), "bits"),
    };
}

std::vector<FieldSpec> picture_fields() {
    return {
        unit(at_least(sees(count(field("resolution", FieldType::integer, "224 224",
                                       "Width and height; may change during the run, the pixels are then resampled."),
                                 2),
                           kTime),
                      1),
             "pixels"),
        sees(one_of(field("interpolation", FieldType::text, "cubic", "For the resampling when the resolution changes."),
                    {"nearest", "linear", "cubic"}),
             kTime),
        operator_of("pixels", "pixels", "rgb", "How the picture is parametrised."),
        sees(field("learnrate", FieldType::real, "1", "Multiplies the optimiser's own base rate."), kTime | kResolution),
        sees(field("learnrate_scale", FieldType::real, "1", "A second factor, meant for schedules."), kTime | kResolution),
        operator_of("optimizer", "optimizer", "adam", "The optimiser; each has its own base rate."),
        nested("gradient", "gradient", "What is done to the gradient before it is used: see the section `gradient`."),
        unit(below_one(at_least(sees(field("ema", FieldType::real, "0",
                                           "Decay of a running average of the picture, which is what is saved and shown; 0 = the picture "
                                           "itself. It mixes the colours of a palette."),
                                     kTime),
                                0)),
             "0..1"),
        field("keep_best", FieldType::boolean, "false",
              "At the end, write the picture with the lowest loss (smoothed over ten epochs), not the last one. Losses must be comparable: "
              "targets "
              "that start, end or change their weight make it meaningless."),
        part("init", "Initial pixels: see the section `init`.", "{}"),
        part("targets", "What the picture is pulled to: see the section `target`."),
        part("postproc", "Effects on the pixels themselves at the start of every epoch: see the section `postproc`."),
        part("video", "`true`, `mp4` or `webp` writes a video of the run beside the picture: see the section `video`.", "false"),
        part("animate", "Moves the pixels between epochs: see the section `animate`.", "false"),
        part("stages", "Several settings one after another on the same pixels: see the section `stage`.", "[]"),
    };
}

/// What saves writing.
std::vector<FieldSpec> ease_fields() {
    return {
        part("include", "Another file, or a list of them, whose settings stand below those of this file; relative to its folder.", "null"),
        one_of(field("quality", FieldType::text, "null",
                     "Fills in a recipe (pixels, views, epochs, ...) wherever the file says nothing; the saved configuration shows it."),
               {"draft", "normal", "high", "best"}),
        part("matrix",
             "Many runs: a map of lists, the keys are paths as for `--set` (`prompt`: the first text); every combination is painted, and a "
             "contact sheet at the end.",
             "{}"),
        at_least(field("candidates", FieldType::integer, "1",
                       "So many starts with seeds one after the other; the one with the least loss goes on, and its seed is saved."),
                 1),
        unit(
            at_most(at_least(
                        field("candidate_share", FieldType::real, ".15", "Part of the epochs after which the candidates are compared."), 0),
                    1),
            "0..1"),
        field("tile", FieldType::boolean, "false",
              "A seamless picture: views run over its borders, where they meet the opposite side, and its parametrisation, "
              "the effects of `postproc`, constraints on the whole picture and the moves of `animate` wrap around."),
    };
}

OperatorSpec top_section() {
    std::vector<FieldSpec> fields = run_fields();
    for (FieldSpec& spec : ease_fields()) fields.push_back(std::move(spec));
    for (FieldSpec& spec : keeping_fields()) fields.push_back(std::move(spec));
    for (FieldSpec& spec : picture_fields()) fields.push_back(std::move(spec));
    return section(
        "top", "The whole experiment.",
        "A value is a number or an expression (`224*2`, `1./5.`, `1 - .95 * t**5`). A list is a YAML list, or one scalar that is split on\n"
        "commas, or on white space where each piece is a value of its own and their number fits: `.1 .2 .3`, `640, 480`; `3 -2` is two\n"
        "numbers, `224 * 2` is one expression. A single value is copied to all entries. Where an integer is wanted, a written number must\n"
        "be one; the result of an expression is cut as Python's `int()` does (`resolution: 1000 / 3` is 333).\n\n"
        "Several files are merged in order: maps merge, lists of entries are appended, other values of the later file win. `include`\n"
        "does the same with the including file as the last one; a file that several include acts once, where it comes first.\n"
        "A top-level key that starts with a dot is ignored: a place for anchors (`.base: &base {weight: 2}`).",
        "epochs: 300\nresolution: 512\ntargets:\n  - features:\n      - text: strawberries\n", std::move(fields));
}

/// A stage may say anything of the file but what concerns the run as a whole.
OperatorSpec stage_section(const OperatorSpec& top) {
    static const std::set<std::string, std::less<>> whole_run{
        "verbose",       "output",     "snapshot_interval",   "start_epoch",     "seed",      "device",  "precision",
        "deterministic", "checkpoint", "checkpoint_interval", "metrics",         "png_depth", "include", "init",
        "stages",        "matrix",     "candidates",          "candidate_share", "video"};
    std::vector<FieldSpec> fields{field("name", FieldType::text, "stage", "For the reader.")};
    for (const FieldSpec& spec : top.fields) {
        if (!whole_run.contains(spec.name)) fields.push_back(spec);
    }
    return section(
        "stage", "One of several settings that act one after another on the same pixels.",
        "A key of a stage replaces that of the file, `targets` and `postproc` as a whole; what a stage does not say is that of the\n"
        "file. Each stage has its own `epochs`, and the variables `epoch` and `t` and all `start` and `end` count within it; files\n"
        "and statistics count all epochs. A stage takes over the pixels of the one before, and where neither `pixels` nor\n"
        "`optimizer` changes also the optimiser's state.",
        "stages:\n  - epochs: 100\n    resolution: 64\n  - epochs: 200\n    resolution: 224\n    learnrate: .5 * ti\n", std::move(fields));
}

OperatorSpec init_section() {
    return section(
        "init", "The initial pixels.",
        "Normal noise x std + mean, or a picture x std + mean: mean 0 and std 1 keep a picture as it is. The result is clamped to 0..1.",
        "init:\n  mean: .3 .5 .3\n  std: .1\n  resolution: 32\n",
        {unit(at_least(count(field("resolution", FieldType::integer, "null",
                                   "Make the noise or picture at this size first, then resample (bicubic)."),
                             2),
                       1),
              "pixels"),
         unit(count(field("mean", FieldType::real, "0.5", "Added to each channel."), 3), "0..1"),
         unit(count(field("std", FieldType::real, "0.1", "Multiplies the noise or the picture, for each channel."), 3), "0..1"),
         field("image", FieldType::text, "null", "Path or URL of a picture, scaled to cover and cut at the centre."),
         field("image_tensor", FieldType::any, "null", "The pixels as a nested list [3][height][width].")});
}

}  // namespace

std::vector<OperatorSpec> section_specs() {
    OperatorSpec top = top_section();
    OperatorSpec stage = stage_section(top);
    return {std::move(top), init_section(),     target_section(), feature_section(), postproc_section(),
            mask_section(), gradient_section(), video_section(),  animate_section(), std::move(stage)};
}

}  // namespace clipig
