// Seconds per epoch of an experiment with a network of random weights: the strawberries example of the older program
// (512x512, 5 views) by default. Prints JSON. Usage: epoch_bench [MODEL] [PRECISION] [SIZE] [VIEWS] [EPOCHS] [plain]
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "base/files.h"
#include "base/memory.h"
#include "engine/run.h"
#include "ops/full_schema.h"
#include "towers/random_model.h"

namespace clipig {
namespace {

struct Arguments {
    std::string model = "ViT-B/32";
    std::string precision = "fp32";
    std::int64_t size = 512;
    std::int64_t views = 5;
    std::int64_t epochs = 12;
    bool plain = false;
};

Arguments parse(int argc, char** argv) {
    Arguments arguments;
    if (argc > 1) arguments.model = argv[1];
    if (argc > 2) arguments.precision = argv[2];
    if (argc > 3) arguments.size = std::atoll(argv[3]);
    if (argc > 4) arguments.views = std::atoll(argv[4]);
    if (argc > 5) arguments.epochs = std::atoll(argv[5]);
    if (argc > 6) arguments.plain = std::string(argv[6]) == "plain";
    return arguments;
}

std::string experiment(const Arguments& arguments, std::int64_t view) {
    return fmt::format(
        "resolution: {}\nepochs: {}\nseed: 1\nlearnrate: 1.5\nlearnrate_scale: (1. - .95 * pow(t, 5.))\ntargets:\n"
        "  - batch_size: {}\n    features: [text: strawberries, {{text: grass, weight: .5}}]\n"
        "    transforms: [random_rotate: -10 10, random_scale: .5 1, random_crop: {}]\n",
        arguments.size, arguments.epochs, arguments.views, std::min(view, arguments.size));
}

int bench(const Arguments& arguments) {
    const auto path = std::filesystem::temp_directory_path() / "clipig-bench-model.safetensors";
    const Architecture net = openai_architecture(arguments.model);
    write_random_model(path, net, 1);
    const ModelLoader load = [&](const std::string&) {
        ModelOptions options;
        options.precision = arguments.precision;
        options.plain = arguments.plain;
        return LoadedModel{load_clip(path, arguments.model, options), arguments.model, ""};
    };
    const auto source = std::make_shared<const SourceText>(SourceText{"bench.yaml", experiment(arguments, net.view_size)});
    const auto config = std::make_shared<const Config>(validate(parse_yaml(source), std::make_shared<const Schema>(full_schema())));
    Run run(config, {load, at::kCPU});
    std::filesystem::remove(path);
    std::vector<double> seconds;
    while (!run.done()) seconds.push_back(run.step().step_seconds);
    seconds.erase(seconds.begin(), seconds.begin() + std::min<std::ptrdiff_t>(2, static_cast<std::ptrdiff_t>(seconds.size()) - 1));
    std::sort(seconds.begin(), seconds.end());
    const double median = seconds[seconds.size() / 2];
    fmt::print(
        "{{\"model\": \"{}\", \"precision\": \"{}\", \"plain\": {}, \"size\": {}, \"views\": {}, \"threads\": {}, \"epochs\": {}, "
        "\"seconds_min\": {:.4f}, \"seconds_median\": {:.4f}, \"seconds_max\": {:.4f}, \"views_per_second\": {:.2f}}}\n",
        arguments.model, arguments.precision, arguments.plain, arguments.size, arguments.views, at::get_num_threads(), seconds.size(),
        seconds.front(), median, seconds.back(), static_cast<double>(arguments.views) / median);
    return 0;
}

}  // namespace
}  // namespace clipig

int main(int argc, char** argv) {
    clipig::keep_freed_memory();
    at::set_num_threads(std::getenv("OMP_NUM_THREADS") != nullptr ? std::atoi(std::getenv("OMP_NUM_THREADS")) : 2);
    try {
        return clipig::bench(clipig::parse(argc, argv));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "error: %s\n", error.what());
        return 1;
    }
}
