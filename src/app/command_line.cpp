#include "app/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <filesystem>
#include <iostream>
#include <map>

#include "app/paint_document.h"
#include "base/text.h"

namespace clipig {
namespace {

constexpr std::array kCommands{"run",  "paint", "check",  "preview", "apply", "encode", "rate",
                               "docs", "list",  "models", "resume",  "show",  "plot"};

bool is_integer(const std::string& text) {
    const std::size_t start = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    return text.size() > start &&
           std::all_of(text.begin() + static_cast<std::ptrdiff_t>(start), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Spellings that CLI11 does not know: single-dash words of the older program, `-r W H`, negative numbers as values,
/// and the command `run` when none is named.
std::vector<std::string> normalised(std::vector<std::string> arguments) {
    static const std::map<std::string, std::string> spellings{
        {"-lr", "--learnrate"}, {"-opt", "--optimizer"}, {"-tf", "--text-file"}, {"-if", "--image-file"}};
    std::vector<std::string> result;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const auto known = spellings.find(arguments[i]);
        std::string argument = known == spellings.end() ? arguments[i] : known->second;
        const bool has_next = i + 1 < arguments.size();
        if ((argument == "-r" || argument == "--resolution" || argument == "--size") && has_next) {
            argument = "--resolution=" + arguments[++i];
            if (i + 1 < arguments.size() && is_integer(arguments[i + 1])) argument += " " + arguments[++i];
        } else if ((argument == "--learnrate" || argument == "--sort" || argument == "-s" || argument == "--seed") && has_next &&
                   is_integer(arguments[i + 1])) {
            argument = (argument == "-s" ? "--snapshot-or-sort" : argument) + "=" + arguments[++i];
        }
        result.push_back(std::move(argument));
    }
    const bool named = !result.empty() && std::find(kCommands.begin(), kCommands.end(), result[0]) != kCommands.end();
    const bool general = result.empty() || result[0] == "--help" || result[0] == "-h" || result[0] == "--version";
    if (!named && !general) result.insert(result.begin(), "run");
    const std::string dash_s = result.empty() || result[0] != "rate" ? "--snapshot-interval" : "--sort";
    for (auto& argument : result) {
        if (argument.starts_with("--snapshot-or-sort=")) argument = dash_s + argument.substr(18);
    }
    return result;
}

void add_set(CLI::App& app, ConfigOptions& options) {
    app.add_option_function<std::vector<std::string>>(
           "--set",
           [&options](const std::vector<std::string>& values) {
               options.assignments.insert(options.assignments.end(), values.begin(), values.end());
           },
           "path=value: set one parameter, e.g. --set targets[0].batch_size=5")
        ->allow_extra_args(false)
        ->take_all();
}

void add_config(CLI::App& app, ConfigOptions& options, bool required) {
    auto* files =
        app.add_option("CONFIG", options.files,
                       "experiment files (YAML), or pictures that clipig made; several are merged in order; - reads standard input");
    if (required) files->required();
    add_set(app, options);
}

/// An option that sets one top-level parameter of the experiment.
void add_setting(CLI::App& app, ConfigOptions& options, const std::string& names, const std::string& path, const std::string& help) {
    app.add_option_function<std::string>(
        names, [&options, path](const std::string& value) { options.assignments.push_back(path + "=" + value); }, help);
}

void add_overrides(CLI::App& app, ConfigOptions& options) {
    add_setting(app, options, "-e,--epochs", "epochs", "number of optimisation steps");
    add_setting(app, options, "-r,--resolution,--size", "resolution", "W [H]: size of the picture in pixels");
    add_setting(app, options, "--learnrate,--lr", "learnrate", "learn rate (also -lr)");
    add_setting(app, options, "--optimizer,--opt", "optimizer", "adam, sgd, sparse_adam, adadelta, rmsprop (also -opt)");
    add_setting(app, options, "-d,--device", "device", "auto, cpu, cuda, cuda:1");
    add_setting(app, options, "-m,--model", "model", "CLIP model: a name, a path, or hf:org/name");
    add_setting(app, options, "--seed", "seed", "fixes everything random");
    add_setting(app, options, "-v,--verbose", "verbose", "0 silent, 1 progress, 2 statistics");
}

void add_log(CLI::App& app, LogOptions& options) {
    app.add_flag("--json", options.json, "print one event a line on standard output, as JSON");
    app.add_option("--log", options.file, "write what happens to this file, too (JSON when it ends with .jsonl)");
}

void add_resume(CLI::App& root, ResumeOptions& options) {
    CLI::App* app = root.add_subcommand("resume", "go on with a run that was stopped, from the checkpoint beside its picture");
    app->add_option("PICTURE", options.from, "the run's picture, or its checkpoint")->required();
    add_config(*app, options.config, false);
    add_setting(*app, options.config, "-e,--epochs", "epochs", "number of optimisation steps, counted from the beginning of the run");
    add_setting(*app, options.config, "-d,--device", "device", "auto, cpu, cuda, cuda:1");
    add_setting(*app, options.config, "-v,--verbose", "verbose", "0 silent, 1 progress, 2 statistics");
    add_setting(*app, options.config, "-s,--snapshot-interval", "snapshot_interval", "20. seconds, or 20 epochs, between snapshots");
    app->add_option("--threads", options.threads, "processor threads (all cores)")->check(CLI::NonNegativeNumber);
    add_log(*app, options.log);
}

void add_files(CLI::App& root, ShowOptions& show, PlotOptions& plot) {
    root.add_subcommand("show", "print how pictures were made: their configuration, seed, model and similarities")
        ->add_option("PICTURE", show.files, "pictures or checkpoints that clipig wrote")
        ->required();
    CLI::App* app = root.add_subcommand("plot", "draw the curves of a run that was painted with metrics: true");
    app->add_option("CSV", plot.input, "the .csv file beside the picture")->required();
    app->add_option("-o,--output", plot.output, "picture file; nothing is overwritten");
    app->add_option("--width", plot.width, "pixels")->check(CLI::Range(200, 8192));
    app->add_option("--height", plot.height, "pixels")->check(CLI::Range(200, 8192));
}

/// What `run` and `paint` have in common.
void add_painting(CLI::App& app, RunOptions& options) {
    add_setting(app, options.config, "-o,--output", "output", "a folder (ends with /) or a picture file; nothing is overwritten");
    add_overrides(app, options.config);
    add_setting(app, options.config, "-s,--snapshot-interval", "snapshot_interval", "20. seconds, or 20 epochs, between snapshots");
    app.add_option("--threads", options.threads, "processor threads (all cores)")->check(CLI::NonNegativeNumber);
    app.add_option("--repeat", options.repeat, "paint so many pictures, each with the next seed")->check(CLI::PositiveNumber);
    app.add_flag("--missing", options.missing,
                 "of a `matrix:`, paint only the pictures that are not there yet, and go on with those that were stopped");
    add_log(app, options.log);
}

void add_run(CLI::App& root, RunOptions& options) {
    CLI::App* app = root.add_subcommand("run", "paint the picture that experiment files describe (the default command)");
    add_config(*app, options.config, true);
    add_painting(*app, options);
}

void add_paint(CLI::App& root, RunOptions& options, PaintWords& words) {
    CLI::App* app = root.add_subcommand("paint", "paint a picture of some words, without a file; the YAML it used is written beside it");
    app->add_option("PROMPT", words.prompt, "what to paint")->required();
    app->add_option("--avoid", words.avoid, "what not to paint; may be given again")->allow_extra_args(false)->take_all();
    app->add_option("--style", words.style, "woodcut, watercolour, ...");
    app->add_option("-q,--quality", words.quality, "draft, normal, high or best")
        ->check(CLI::IsMember({"draft", "normal", "high", "best"}));
    app->add_flag("--tile", words.tile, "a seamless picture");
    add_set(*app, options.config);
    add_painting(*app, options);
}

void add_check(CLI::App& root, CheckOptions& options) {
    CLI::App* app = root.add_subcommand("check", "check experiment files; report all errors at once");
    add_config(*app, options.config, true);
    add_overrides(*app, options.config);
    add_setting(*app, options.config, "-o,--output", "output", "as for run");
    auto* print = app->add_flag("-p,--print", options.print, "print the whole configuration with all defaults");
    app->add_flag("--memory", options.memory, "estimate how much memory the run will take")->excludes(print);
}

void add_preview(CLI::App& root, PreviewOptions& options) {
    CLI::App* app = root.add_subcommand("preview", "a contact sheet of views as the model would see them");
    add_config(*app, options.config, true);
    add_overrides(*app, options.config);
    app->add_option("-n,--count", options.count, "views per target")->check(CLI::Range(1, 1024));
    app->add_option("--at", options.at, "moment of the run: an epoch, a fraction or 50%");
    app->add_option("-o,--output", options.output, "picture file");
}

void add_apply(CLI::App& root, ApplyOptions& options) {
    CLI::App* app = root.add_subcommand("apply", "run transforms on a picture; print constraint losses");
    app->add_option("INPUT", options.input, "a picture, or .safetensors with a float32 tensor `image` [3,H,W]")->required();
    app->add_option("-t,--transform", options.transforms, "YAML of one transform: 'blur: {kernel_size: 5}'")
        ->allow_extra_args(false)
        ->take_all();
    app->add_option("-c,--constraint", options.constraints, "YAML of one constraint: 'mean: {above: .9}'")
        ->allow_extra_args(false)
        ->take_all();
    app->add_option("-o,--output", options.output, "picture or .safetensors file");
    app->add_option("--grad", options.gradient, "write d loss / d image to this .safetensors file");
    app->add_option("--seed", options.seed, "for random transforms");
    app->add_option("--epoch", options.epoch, "epoch that expressions see");
    app->add_option("--epochs", options.epochs, "length of the run that expressions see");
}

void add_encode(CLI::App& root, EmbedOptions& options) {
    CLI::App* app = root.add_subcommand("encode", "embeddings of texts and pictures, and their cosines");
    app->add_option("-m,--model", options.model, "CLIP model");
    app->add_option("-t,--text", options.texts, "a text")->allow_extra_args(false)->take_all();
    app->add_option("-i,--image", options.images, "a picture")->allow_extra_args(false)->take_all();
    app->add_option("-d,--device", options.device, "auto, cpu, cuda, cuda:1");
    app->add_option("-o,--output", options.output, "write the embeddings to this .safetensors file");
}

void add_rate(CLI::App& root, RateOptions& options) {
    CLI::App* app = root.add_subcommand("rate", "rate pictures by texts and pictures: a table of 100 x cosine");
    app->add_option("IMAGE", options.images, "pictures to rate")->required();
    app->add_option("-t,--text", options.texts, "texts to compare with");
    app->add_option("-i,--image", options.image_features, "pictures to compare with");
    app->add_option("--text-file", options.text_file, "file with one text a line (also -tf)");
    app->add_option("--image-file", options.image_file, "file with one picture path a line (also -if)");
    app->add_option("-m,--model", options.model, "CLIP model");
    app->add_option("-d,--device", options.device, "auto, cpu, cuda, cuda:1");
    app->add_option("-s,--sort", options.sort, "sort by this column, from 1; negative: descending");
    app->add_option("-o,--output", options.output, "write the table as CSV; - is standard output");
    app->add_flag("-c,--cache", options.cache, "keep the features of pictures for the next call");
}

/// `--sise`: did you mean '--size'? Empty when no option is near.
std::string option_hint(std::initializer_list<const CLI::App*> commands, const std::string& given) {
    std::vector<std::string> names;
    for (const CLI::App* command : commands) {
        for (const CLI::Option* option : command->get_options()) {
            for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
        }
    }
    return did_you_mean(given.substr(0, given.find('=')), names);
}

/// What is wrong with a command line, and where help is.
int complain(const CLI::App& app, const CLI::ParseError& error) {
    const auto chosen = app.get_subcommands();
    if (chosen.empty() && dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
        std::cerr << app.help();
        return 2;
    }
    const CLI::App& command = chosen.empty() ? app : *chosen[0];
    std::string words = error.what(), hint;
    // an unknown option counts for more than what is missing: it may have been meant for that
    if (const auto extra = app.remaining(true); !extra.empty()) {
        words = fmt::format("{} '{}' is not expected here", extra[0].starts_with('-') ? "the option" : "the argument", extra[0]);
        hint = option_hint({&command, &app}, extra[0]);
    }
    std::cerr << "error: " << words << "\n  hint: " << (hint.empty() ? std::string() : hint + " ")
              << fmt::format("`clipig{} --help` lists all options\n", chosen.empty() ? std::string() : " " + command.get_name());
    return 2;
}

/// A word that is no file and nearly a command: `clipig pain`.
bool is_misspelt_command(const std::vector<std::string>& arguments) {
    if (arguments.empty() || arguments[0].find_first_of("-./") != std::string::npos) return false;
    if (std::find(kCommands.begin(), kCommands.end(), arguments[0]) != kCommands.end()) return false;
    std::error_code code;
    if (std::filesystem::exists(arguments[0], code)) return false;
    const std::string hint = did_you_mean(arguments[0], {kCommands.begin(), kCommands.end()});
    if (hint.empty()) return false;
    std::cerr << fmt::format("error: there is no command '{}'\n  hint: {}\n", arguments[0], hint);
    return true;
}

}  // namespace

std::variant<Command, ParsedExit> parse_command_line(std::vector<std::string> arguments) {
    CLI::App app("clipig " CLIPIG_VERSION " - pictures from words, pixels and a YAML file", "clipig");
    app.set_version_flag("--version", std::string("clipig " CLIPIG_VERSION));
    app.require_subcommand(1);
    app.footer("`clipig COMMAND --help` explains a command; `clipig docs` explains experiment files.");
    RunOptions run;
    CheckOptions check;
    PreviewOptions preview;
    ApplyOptions apply;
    EmbedOptions encode;
    RateOptions rate;
    DocsOptions docs;
    ListOptions list;
    ModelsOptions models;
    ResumeOptions resume;
    ShowOptions show;
    PlotOptions plot;
    RunOptions paint;
    PaintWords words;
    add_run(app, run);
    add_paint(app, paint, words);
    add_resume(app, resume);
    add_files(app, show, plot);
    add_check(app, check);
    add_preview(app, preview);
    add_apply(app, apply);
    add_encode(app, encode);
    add_rate(app, rate);
    CLI::App* docs_app = app.add_subcommand("docs", "reference pages of operators and parameters");
    docs_app->add_option("NAME", docs.name, "an operator or section: blur, target, expressions");
    docs_app->add_option("--markdown", docs.markdown, "write all pages into this folder");
    docs_app->add_flag("--json-schema", docs.json_schema, "print the JSON schema of experiment files, for editors");
    app.add_subcommand("list", "names of transforms, constraints, ...")
        ->add_option("KIND", list.kind, "transforms, constraints, optimizers, losses, pixels, functions, variables");
    CLI::App* models_app = app.add_subcommand("models", "known CLIP models, and which are on this machine");
    models_app->add_option("ACTION", models.action, "list, get, verify or inspect")
        ->check(CLI::IsMember({"list", "get", "verify", "inspect"}));
    models_app->add_option("NAME", models.name, "a model's name; a path for inspect");
    if (is_misspelt_command(arguments)) return ParsedExit{2};
    std::vector<std::string> reversed = normalised(std::move(arguments));
    std::reverse(reversed.begin(), reversed.end());
    try {
        app.parse(reversed);
    } catch (const CLI::ParseError& error) {
        return ParsedExit{error.get_exit_code() == 0 ? app.exit(error) : complain(app, error)};
    }
    const std::string name = app.get_subcommands().at(0)->get_name();
    if (name == "paint") {
        paint.config.text = paint_document(words);
        paint.config.name = file_stem(join(words.prompt, " "));
        return Command(paint);
    }
    if (name == "check") return Command(check);
    if (name == "preview") return Command(preview);
    if (name == "apply") return Command(apply);
    if (name == "encode") return Command(encode);
    if (name == "rate") return Command(rate);
    if (name == "docs") return Command(docs);
    if (name == "list") return Command(list);
    if (name == "models") return Command(models);
    if (name == "resume") return Command(resume);
    if (name == "show") return Command(show);
    if (name == "plot") return Command(plot);
    return Command(run);
}

bool needs_engine(const Command& command) {
    if (const auto* check = std::get_if<CheckOptions>(&command)) return check->memory;
    if (const auto* models = std::get_if<ModelsOptions>(&command)) return models->action == "inspect";
    return std::holds_alternative<RunOptions>(command) || std::holds_alternative<PreviewOptions>(command) ||
           std::holds_alternative<ApplyOptions>(command) || std::holds_alternative<EmbedOptions>(command) ||
           std::holds_alternative<RateOptions>(command) || std::holds_alternative<ResumeOptions>(command);
}

}  // namespace clipig
