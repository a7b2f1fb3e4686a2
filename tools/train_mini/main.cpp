// train_mini: trains the small CLIP that travels with the program, from data that it draws itself.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <malloc.h>

#include "base/error.h"
#include "base/files.h"
#include "card.h"
#include "evaluation.h"
#include "image/contact_sheet.h"
#include "image/write_picture.h"
#include "trainer.h"

namespace clipig::mini {
namespace {

struct Options {
    std::string settings, folder, to, card;
    std::vector<std::string> models;
    ExamOptions exam;
    double minutes = 1e9;
    std::int64_t steps = 0, count = 64;
};

Settings settings_of(const Options& options) {
    Settings settings = options.settings.empty() ? Settings{} : read_settings(options.settings);
    if (options.steps > 0) settings.steps = options.steps;
    return settings;
}

/// A contact sheet of training pictures with their captions.
void write_sheet(const Options& options) {
    Settings settings = settings_of(options);
    settings.batch = options.count;
    const Source source(settings, options.folder);
    const Batch batch = source.draw(0);
    const Tensor bytes = (batch.views.permute({0, 2, 3, 1}) * 255).round().to(at::kByte).contiguous();
    std::vector<Picture> pictures;
    std::vector<std::string> captions;
    for (std::int64_t i = 0; i < options.count; ++i) {
        Picture picture{.width = static_cast<int>(settings.side), .height = static_cast<int>(settings.side), .samples = {}, .text = {}};
        const auto* from = bytes[i].data_ptr<std::uint8_t>();
        picture.samples.assign(from, from + 3 * settings.side * settings.side);
        pictures.push_back(std::move(picture));
        const auto* ids = batch.ids[i].data_ptr<std::int64_t>();
        std::vector<std::int64_t> shown;
        for (std::int64_t k = 1; k < settings.context && ids[k] < source.tokenizer().vocabulary_size() - 1; ++k) shown.push_back(ids[k]);
        captions.push_back(source.tokenizer().decode(shown));
        fmt::print("{:3} {}\n", i, captions.back());
    }
    write_picture(options.to, contact_sheet(pictures, 0, 4));
}

World world_of(const Settings& settings) {
    return World(settings.emoji ? load_emoji(settings.font, settings.annotations) : std::vector<Emoji>{});
}

void compare(const Options& options) {
    const World world = world_of(settings_of(options));
    std::vector<Result> all;
    for (const std::string& model : options.models) {
        const auto results = examine(world, model, options.exam);
        all.insert(all.end(), results.begin(), results.end());
    }
    fmt::print("{}", table_of(all));
}

void write_model(const Options& options) {
    const Settings settings = settings_of(options);
    Trainer trainer(settings, options.folder);
    trainer.write_model(options.to);
    if (options.card.empty()) return;
    std::string figures;
    if (options.exam.pictures > 0) {
        auto results = examine(trainer.source().world(), options.to, options.exam);
        for (Result& result : results) result.model = "mini";
        figures = table_of(results);
    }
    write_file_atomic(std::filesystem::path(options.to) / "README.md", model_card(read_file(options.card), settings, trainer, figures));
}

void add_exam(CLI::App& command, ExamOptions& exam) {
    command.add_option("--pictures", exam.pictures, "of each exam");
    command.add_option("--captions", exam.captions, "at least, in the exam of scenes");
    command.add_option("--attacks", exam.attacks, "L2 lengths at 64 px; 0 is no attack")->delimiter(',');
    command.add_option("--exam-seed", exam.seed, "of the pictures");
}

void add_commands(CLI::App& app, Options& options) {
    const auto command = [&](const char* name, const char* text) {
        CLI::App* added = app.add_subcommand(name, text);
        added->add_option("settings", options.settings, "YAML file, as tools/train_mini/settings/mini.yaml")
            ->required()
            ->check(CLI::ExistingFile);
        return added;
    };
    CLI::App* run = command("train", "train, or go on from the checkpoint in the folder");
    run->add_option("folder", options.folder, "where checkpoint, log and vocabulary are")->required();
    run->add_option("--minutes", options.minutes, "stop (with a checkpoint) after this time");
    run->add_option("--steps", options.steps, "another number of updates than in the settings");
    run->callback([&] { train(settings_of(options), options.folder, options.minutes); });
    CLI::App* sheet = command("sheet", "draw a contact sheet of training pictures, and print their captions");
    sheet->add_option("folder", options.folder, "where the vocabulary is or will be")->required();
    sheet->add_option("to", options.to, "PNG file to write")->required();
    sheet->add_option("--count", options.count, "number of pictures");
    sheet->callback([&] { write_sheet(options); });
    CLI::App* write = command("export", "write the mean of the weights as a model folder, with a model card");
    write->add_option("folder", options.folder, "with the checkpoint")->required();
    write->add_option("to", options.to, "folder to write")->required();
    write->add_option("--card", options.card, "template of the README.md beside the weights: tools/train_mini/model_card.md");
    add_exam(*write, options.exam);
    write->callback([&] { write_model(options); });
    CLI::App* evaluate = command("evaluate", "retrieval of held-out pictures, clean and attacked, for any model folders");
    evaluate->add_option("models", options.models, "model folders")->required();
    add_exam(*evaluate, options.exam);
    evaluate->callback([&] { compare(options); });
}

int run(int count, char** words) {
    // large arrays come and go at every update: fresh pages each time would cost a tenth of the training
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, -1);
    CLI::App app("Trains the small CLIP that travels with clipig.");
    app.require_subcommand(1);
    Options options;
    add_commands(app, options);
    try {
        app.parse(count, words);
    } catch (const CLI::ParseError& problem) {
        return app.exit(problem);
    } catch (const Error& problem) {
        fmt::print(stderr, "error: {}\n", problem.what());
        return problem.exit_code();
    }
    return 0;
}

}  // namespace
}  // namespace clipig::mini

int main(int count, char** words) { return clipig::mini::run(count, words); }
