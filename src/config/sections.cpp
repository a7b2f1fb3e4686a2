#include "config/sections.h"

#include <set>
#include <utility>

namespace clipig {
namespace {

constexpr unsigned kAllGroups = kTime | kResolution | kLearnrate | kSimilarity;

FieldSpec field(std::string name, FieldType type, std::string default_text, std::string doc) {
    FieldSpec spec;
    spec.name = std::move(name);
    spec.type = type;
    spec.default_text = std::move(default_text);
    spec.nullable = spec.default_text == "null";
    spec.doc = std::move(doc);
    return spec;
}

FieldSpec count(FieldSpec spec, int n) {
    spec.counts = {n};
    return spec;
}

FieldSpec any_number(FieldSpec spec) {
    spec.list = true;
    return spec;
}

FieldSpec at_least(FieldSpec spec, double minimum) {
    spec.minimum = minimum;
    return spec;
}

FieldSpec at_most(FieldSpec spec, double maximum) {
    spec.maximum = maximum;
    return spec;
}

FieldSpec below_one(FieldSpec spec) { return at_most(std::move(spec), 0.999999); }

FieldSpec sees(FieldSpec spec, unsigned groups) {
    spec.groups = groups;
    return spec;
}

FieldSpec unit(FieldSpec spec, std::string name) {
    spec.unit = std::move(name);
    return spec;
}

FieldSpec one_of(FieldSpec spec, std::vector<std::string> choices) {
    spec.choices = std::move(choices);
    return spec;
}

FieldSpec operator_of(std::string name, std::string kind, std::string default_text, std::string doc) {
    FieldSpec spec = field(std::move(name), FieldType::op, std::move(default_text), std::move(doc));
    spec.operator_kind = std::move(kind);
    return spec;
}

/// A list or map of its own: named here for the reference page, read by validate().
FieldSpec part(std::string name, std::string doc, std::string default_text = "[]") {
    return field(std::move(name), FieldType::any, std::move(default_text), std::move(doc));
}

FieldSpec more_than_zero(FieldSpec spec) {
    spec.minimum = 0;
    spec.minimum_exclusive = true;
    return spec;
}

FieldSpec nested(std::string name, std::string section, std::string doc) {
    FieldSpec spec = field(std::move(name), FieldType::section, "null", std::move(doc));
    spec.operator_kind = std::move(section);
    return spec;
}

FieldSpec start_field() {
    return field("start", FieldType::frame_time, "0.0", "First frame at which it acts: int = epoch, float = fraction of the run, `30%`.");
}
FieldSpec end_field() {
    return field("end", FieldType::frame_time, "1.0",
                 "Last frame at which it acts (inclusive): int = epoch, float = fraction of the run, `30%`.");
}
FieldSpec active_field() { return field("active", FieldType::boolean, "true", "`false` switches it off."); }

OperatorSpec section(std::string name, std::string summary, std::string details, std::string example, std::vector<FieldSpec> fields) {
    OperatorSpec spec;
    spec.kind = "section";
    spec.name = std::move(name);
    spec.summary = std::move(summary);
    spec.details = std::move(details);
    spec.example = std::move(example);
    spec.fields = std::move(fields);
    return spec;
}

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

OperatorSpec target_section() {
    return section(
        "target", "One target: views of the picture, and what they are compared with.",
        "Each entry of `transforms` and `constraints` names one operator. One with a single parameter takes its value directly\n"
        "(`mul: 1/5`), the others a map, or values in the order of their parameters. Positional values go all to the first parameter when\n"
        "their number and type fit it (`resize: 40 24`, `blur: 3 5`), else one to each parameter (`blur: 3 .35` is kernel_size 3,\n"
        "sigma .35), else they fill the parameters one after the other (`pad: 3 2 .1 .2 .3`).\n\n"
        "The losses of a target's views are averaged, so that batch_size changes noise and not strength.\n\n"
        "`mean_embedding: s` makes the loss (1 - s) (mean of the views' losses) + s (loss of the mean of the views' embeddings, of length "
        "1): views\n"
        "need not all show everything, which gives more coherence and less detail as s grows (deep-daze: .3). Views that do not fit into "
        "one\n"
        "batch are then evaluated twice.",
        "targets:\n  - name: berries\n    batch_size: 5\n    features:\n      - text: strawberries\n",
        {active_field(), field("name", FieldType::text, "target", "For the statistics."), start_field(), end_field(),
         sees(field("weight", FieldType::real, "1", "Multiplies the target's whole loss."), kAllGroups),
         unit(at_least(field("batch_size", FieldType::integer, "1",
                             "Views per epoch. A target without randomness in its transforms is evaluated once."),
                       1),
              "views"),
         any_number(field("model", FieldType::text, "null", "Model or list of models of this target alone; else those of the experiment.")),
         any_number(at_least(field("model_weight", FieldType::real, "null", "Shares of this target's models."), 0)),
         one_of(field("select", FieldType::text, "all",
                      "`all`: sum of the feature losses; `best`, `worst`: only the feature with the highest or lowest similarity, for each "
                      "view; "
                      "`mix`: one loss against the weighted mean of the features."),
                {"all", "best", "worst", "mix"}),
         unit(
             at_most(at_least(
                         sees(field("mean_embedding", FieldType::real, "0",
                                    "Share of the loss that is taken of the mean of the views' embeddings instead of each view by itself."),
                              kTime | kResolution | kLearnrate),
                         0),
                     1),
             "0..1"),
         field("no_text", FieldType::boolean, "null",
               "Away from letters: see `no_text` of the experiment; this one counts for the target."),
         one_of(field("feature_scale", FieldType::text, "equal",
                      "`fair` scales the similarities so that all features start alike on the first frame."),
                {"equal", "fair"}),
         nested("mask", "mask", "Where in the picture the target pulls: see the section `mask`."),
         part("features", "Texts and pictures to come near to: see the section `feature`."),
         part("transforms", "Applied in order to the whole picture, once per view."),
         part("constraints", "Losses on the pixels of the transformed view.")});
}

OperatorSpec feature_section() {
    return section(
        "feature", "A text or a picture that a target's views are compared with.",
        "Exactly one of `text` and `image` is given. A list of texts is one feature: the mean of their embeddings, each of length 1 "
        "before\n"
        "and the mean after (`text: [a photo of a meadow, a painting of a meadow]`).\n\n"
        "`stop` keeps the value of the loss and drops its gradient for the views with sign(weight) loss < stop. A negative weight without "
        "it\n"
        "pushes on without end and spoils the picture: with `weight: -.5`, `loss: cosine` and `stop: -.8` it rests where 1 - cos > .8, "
        "that is\n"
        "cos < .2. With `loss: spherical` losses lie in 0..4.9 (after pytti). With `select: mix` the first feature's counts, as its loss "
        "does.",
        "targets:\n  - features:\n      - text: a green meadow\n        weight: -.5\n",
        {any_number(field("text", FieldType::text, "", "The text, or a list of texts whose mean is meant.")),
         field("image", FieldType::text, "", "Path or URL of a picture."),
         sees(field("weight", FieldType::real, "1", "Multiplies the feature's loss; negative = away from it."), kAllGroups),
         sees(field("scale", FieldType::real, "1", "Multiplies the similarity that `select` uses."), kAllGroups),
         operator_of("loss", "loss", "cosine", "Distance between the embeddings of a view and of the feature."),
         sees(field("stop", FieldType::real, "null",
                    "The feature stops to pull a view once the loss, with the sign of `weight`, is below this: `stop: .6`, or `weight: -1, "
                    "stop: -.8`."),
              kAllGroups),
         start_field(), end_field(),
         field("truncate", FieldType::boolean, "false", "Cut a text that is too long for the model instead of refusing it."),
         field("chunk", FieldType::boolean, "false",
               "Read a text that is too long for the model in pieces, cut at the ends of words, and take the mean of their embeddings.")});
}

OperatorSpec postproc_section() {
    return section("postproc", "An effect on the pixels themselves at the start of every epoch, outside of the gradient.",
                   "An entry names one transform that keeps the resolution; these keys stand beside it.",
                   "postproc:\n  - blur: 3 .35\n    end: 50%\n",
                   {active_field(), start_field(), end_field(),
                    nested("mask", "mask", "Where in the picture the effect shows: see the section `mask`.")});
}

OperatorSpec gradient_section() {
    return section("gradient", "What is done to the gradient of the whole loss at the pixels, before parametrisation and optimiser.",
                   "First `normalize`, then the bounds. Optimisers of the Adam family do not see a constant factor; sgd does, and Adam "
                   "sees single epochs\n"
                   "that are far off. Bounds shrink the whole gradient, they do not cut single pixels. In short: `gradient: sign`.",
                   "gradient: {normalize: norm, clip_rms: .05}\noptimizer: sgd\n",
                   {one_of(field("normalize", FieldType::text, "none",
                                 "`norm`: divided by its length; `rms`: by the root of the mean square of its entries; `sign`: only the "
                                 "sign of each entry counts."),
                           {"none", "norm", "rms", "sign"}),
                    more_than_zero(sees(field("clip_norm", FieldType::real, "null", "Largest length."), kTime)),
                    more_than_zero(sees(field("clip_rms", FieldType::real, "null", "Largest root of the mean square."), kTime))});
}

OperatorSpec mask_section() {
    return section(
        "mask", "Where in the picture a target, a constraint or an effect acts: a picture, or a shape.",
        "White (1) acts, black (0) does not, grey acts in part. The mask lies over the whole picture, whatever its resolution, not over a "
        "view.\n"
        "In short: `mask: sky.png`, `mask: x < .5`, where x goes from 0 at the left to 1 at the right and y from 0 at the top to 1 at the "
        "bottom.\n\n"
        "Of a target or constraint the gradient at the pixels is multiplied by the mask. Views are made and judged as without it, so that "
        "the\n"
        "model sees a region with its surroundings, and both halves of `mask: x < .5` and `mask: x >= .5` fit together; but only the "
        "region is\n"
        "painted. (Blackening what lies outside would show the model a picture that nobody paints.) A region is painted better when the "
        "views\n"
        "show mostly it: begin the transforms with a `crop`. With `pixels: rgb` nothing outside changes; other parametrisations share "
        "numbers\n"
        "between far pixels (the coarse layers of a pyramid), so their colours may run over. A mask of a constraint within a masked target "
        "is multiplied with the target's. An\n"
        "effect of `postproc` is blended in: (1 - mask) old + mask new.\n\n"
        "A shape is evaluated at the centres of the pixels (at most 512 along the longer side, linear between); true counts as 1, and "
        "what\n"
        "lies outside of 0..1 is clamped.",
        "targets:\n  - mask: {shape: x + y < 1, feather: .05}\n    features:\n      - text: the sea\n",
        {sees(field("shape", FieldType::real, "null", "An expression of x and y, and of time: `x < .5`, `hypot(x - .5, y - .5) < .3 * t`."),
              kTime | kResolution | kPosition),
         field("picture", FieldType::text, "null", "Path or URL of a picture, stretched to the canvas; its brightness counts."),
         field("invert", FieldType::boolean, "false", "Black acts, white does not."),
         unit(at_least(sees(field("feather", FieldType::real, "0", "Softens the edges: standard deviation of a Gaussian blur."),
                            kTime | kResolution),
                       0),
              "pixels, below 1 a share of the shorter side")});
}

OperatorSpec video_section() {
    return section(
        "video", "A video of the run, beside the picture.",
        "`video: true` is an MP4 with all defaults, `video: webp` an animated WebP. Frames are the first picture, the picture after every\n"
        "`interval` epochs, and the last one. The video is NAME.mp4 or NAME.webp (NAME.png.mp4 where that is somebody else's), and is "
        "whole\n"
        "when the run ends: by itself, by a stop, and also when it is killed. `clipig resume` continues it; it then shows the same frames\n"
        "as that of a run that was never stopped, though not in the same bytes. Where it cannot be continued (its frames were lost, or "
        "have\n"
        "another size or interval now), a new one begins and the older one stays.\n\n"
        "MP4 is H.264 (MPEG-4 part 2 where libavcodec lacks libx264), 4:2:0; odd sizes get another column or row. Where the resolution "
        "changes\n"
        "during the run, frames are scaled to the largest one. WebP keeps its coded frames in memory until the end.",
        "video: {format: mp4, fps: 30, interval: 2, hold: 1}\n",
        {one_of(field("format", FieldType::text, "mp4", "mp4 or webp."), {"mp4", "webp"}),
         unit(at_most(at_least(field("fps", FieldType::real, "25", "Frames in a second."), .1), 240), "frames per second"),
         unit(at_least(field("interval", FieldType::integer, "1", "Epochs from one frame to the next."), 1), "epochs"),
         at_most(at_least(field("quality", FieldType::real, "75", "0 smallest, 100 best: WebP's own scale; in MP4 75 is a CRF of 20."), 0),
                 100),
         unit(at_most(at_least(field("hold", FieldType::real, "0", "How long the last frame stands still."), 0), 3600), "seconds")});
}

OperatorSpec animate_section() {
    const auto moves = [](FieldSpec spec) { return sees(std::move(spec), kTime | kResolution); };
    return section(
        "animate", "Moves the picture between epochs, so that a video of the run travels through it.",
        "Each move zooms and turns the picture about `center`, then shifts it; the three are composed and sampled once. The picture then "
        "goes\n"
        "on being painted. The optimiser's state moves along where its tensors are pictures (rgb, pyramid, the choices of palette), and "
        "so\n"
        "does the average of `ema`; waves and wavelets (fft, dwt, das) and lbfgs keep theirs. The first picture is not moved. Sampling "
        "softens the picture a little, which painting\n"
        "makes good; moves by whole pixels alone soften nothing. With pixels: palette take interpolation: nearest.",
        "animate:\n  zoom: 1.01\n  rotate: sin(ts(0, 6.283))\n  shift: 2 0\nvideo: true\n",
        {active_field(), start_field(), end_field(),
         moves(unit(
             at_most(at_least(field("zoom", FieldType::real, "1", "How much larger things are after a move; above 1 goes in."), .01), 100),
             "factor")),
         moves(unit(field("rotate", FieldType::real, "0", "Angle of a move; positive is counter-clockwise."), "degrees")),
         moves(unit(count(field("shift", FieldType::real, "0 0",
                                "How far things go to the right, and down. Between -1 and 1 parts of the width or height, else pixels, "
                                "which need not be whole."),
                          2),
                    "pixels or fractions")),
         moves(unit(
             count(field("center", FieldType::real, ".5 .5", "The point that zoom and rotate leave where it is: 0 is left or top."), 2),
             "fractions")),
         unit(at_least(field("interval", FieldType::integer, "1", "Epochs from one move to the next."), 1), "epochs"),
         one_of(field("border", FieldType::text, "mirror",
                      "What comes in at the borders: the mirrored picture, the opposite side (wrap), the edge's pixels, or black."),
                {"mirror", "wrap", "edge", "black"}),
         one_of(field("interpolation", FieldType::text, "cubic", "How values between pixels are found."), {"nearest", "linear", "cubic"})});
}

}  // namespace

std::vector<OperatorSpec> section_specs() {
    OperatorSpec top = top_section();
    OperatorSpec stage = stage_section(top);
    return {std::move(top), init_section(),     target_section(), feature_section(), postproc_section(),
            mask_section(), gradient_section(), video_section(),  animate_section(), std::move(stage)};
}

}  // namespace clipig
