// Views per second of the image towers, forward and backward to the pixels, beside the rate of oneDNN's matrix product with
// packed weights in the same run (M=400 N=3072 K=768). Prints JSON. NAME: one of OpenAI's nine models, `mini`, or
// `siglip-base-patch16-224`; weights are random.
//   towers_bench [--model NAME]... [--views N]... [--precision fp32|bf16]... [--seconds S] [--threads N] [--plain] [--cpu-time]
// --cpu-time: count the time of this thread, not the clock's: with --threads 1 that is steady on a busy machine.
#include <ATen/Parallel.h>
#include <time.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "towers/fast_tower.h"
#include "towers/processor.h"
#include "towers/random_model.h"
#include "towers/weight_table.h"

namespace clipig {
namespace {

bool count_cpu_time = false;

double now() {
    timespec time{};
    clock_gettime(count_cpu_time ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

struct Options {
    std::vector<std::string> models, precisions;
    std::vector<std::int64_t> views;
    double seconds = 3;
    int threads = physical_cores();
    bool plain = false;
};

Options parse(int count, char** words) {
    Options options;
    for (int i = 1; i < count; ++i) {
        const std::string word = words[i];
        const auto next = [&]() -> std::string {
            if (++i == count) throw InputError(word + " needs a value");
            return words[i];
        };
        if (word == "--model")
            options.models.push_back(next());
        else if (word == "--views")
            options.views.push_back(std::stoll(next()));
        else if (word == "--precision")
            options.precisions.push_back(next());
        else if (word == "--seconds")
            options.seconds = std::stod(next());
        else if (word == "--threads")
            options.threads = std::stoi(next());
        else if (word == "--plain")
            options.plain = true;
        else if (word == "--cpu-time")
            count_cpu_time = true;
        else
            throw InputError("unknown option " + word);
    }
    if (options.models.empty()) options.models = {"ViT-B/32"};
    if (options.views.empty()) options.views = {1, 8};
    if (options.precisions.empty()) options.precisions = {"fp32", "bf16"};
    return options;
}

/// Multiply-adds of one view, forward, as the network is defined, and as the fast tower does it.
struct Arithmetic {
    double defined = 0, done = 0;
};

/// Every block runs on all tokens; the query of the pool is known beforehand.
Arithmetic siglip_arithmetic(const Architecture& net) {
    const auto width = static_cast<double>(net.vision.width), hidden = static_cast<double>(net.vision.hidden),
               layers = static_cast<double>(net.vision.layers), tokens = static_cast<double>(net.grid() * net.grid());
    const double embed = tokens * 3 * static_cast<double>(net.patch * net.patch) * width, attention = 2 * tokens * width;
    const double block = tokens * (4 * width * width + 2 * width * hidden + attention);
    const double pool = tokens * 2 * width * width + attention + width * width + 2 * width * static_cast<double>(net.pool_hidden);
    return {embed + layers * block + pool, embed + layers * block + pool};
}

Arithmetic vit_arithmetic(const Architecture& net) {
    const auto width = static_cast<double>(net.vision.width), hidden = static_cast<double>(net.vision.hidden),
               layers = static_cast<double>(net.vision.layers);
    const double cells = static_cast<double>(net.grid() * net.grid()), tokens = cells + 1;
    const double embed = cells * 3 * static_cast<double>(net.patch * net.patch) * width + width * static_cast<double>(net.embedding);
    const double rest = 2 * width * width + 2 * width * hidden,
                 key_value = 2 * width * width;  // per token: query, output, feed-forward; keys, values
    const double attention = 2 * tokens * width;
    const double block = tokens * (rest + key_value + attention);
    return {embed + layers * block, embed + (layers - 1) * block + rest + attention + tokens * key_value};
}

Arithmetic resnet_arithmetic(const Architecture& net) {
    const auto stem = static_cast<double>(net.stem_width);
    const auto half = static_cast<double>(net.view_size * net.view_size) / 4;
    double sum = half * 9 * (3 * stem / 2 + stem * stem / 4 + stem * stem / 2), side = half / 4, in = stem;
    for (std::size_t stage = 0; stage < 4; ++stage) {
        const double planes = stem * static_cast<double>(1 << stage);
        for (std::int64_t i = 0; i < net.stages[stage]; ++i, in = 4 * planes) {
            sum += side * (in * planes + 9 * planes * planes);
            if (stage > 0 && i == 0) side /= 4;
            sum += side * 4 * planes * planes + (i == 0 ? side * in * 4 * planes : 0);
        }
    }
    const auto pool = static_cast<double>(net.pool_width());
    sum += (side + 1) * 2 * pool * pool + pool * pool + pool * static_cast<double>(net.embedding);
    return {sum, sum};
}

/// Seconds of one call: the smallest and the median of as many as fit into `seconds`.
template <class F>
std::pair<double, double> time_of(double seconds, F call) {
    call();
    std::vector<double> times;
    const double start = now();
    while (times.size() < 3 || now() - start < seconds) {
        const double before = now();
        call();
        times.push_back(now() - before);
    }
    std::sort(times.begin(), times.end());
    return {times.front(), times[times.size() / 2]};
}

/// GFLOP/s of the reference product.
std::pair<double, double> matmul_rate(NumberType type, double seconds) {
    constexpr std::int64_t kRows = 400, kOuter = 3072, kInner = 768;
    const Tensor weights = at::randn({kOuter, kInner}) * 0.05, x = at::zeros({kRows, kInner});
    const Tensor y = at::empty({kRows, kOuter});
    const PackedMatrix matrix(weights.data_ptr<float>(), kInner, kOuter, 1, kInner, nullptr, type);
    const auto [best, median] = time_of(seconds, [&] { matrix.multiply(kRows, x.data_ptr(), y.data_ptr(), type); });
    constexpr double kWork = 2e-9 * kRows * kOuter * kInner;
    return {kWork / best, kWork / median};
}

void step(const ImageTower& tower, const Tensor& views) {
    const Tensor input = views.detach().requires_grad_(true);
    tower.forward(input).sum().backward();
}

Architecture architecture_of(const std::string& model) {
    if (model == "mini") return resnet_architecture({1, 2, 2, 1}, 32, 64, 256);
    if (model == "siglip-base-patch16-224") return siglip_architecture(768, 12, 16, 224);
    return openai_architecture(model);
}

/// Towers of random weights; `plain` is left out unless asked for.
struct Towers {
    std::unique_ptr<ImageTower> fast, plain;
    Arithmetic work;
};

template <class Weights>
Towers towers_of(const Weights& weights, NumberType type, bool plain, const Arithmetic& work) {
    Towers towers;
    towers.fast = make_fast_tower(make_fast_network(weights, type), 0);
    if (plain) towers.plain = make_plain_tower(weights, {});
    towers.work = work;
    return towers;
}

Towers make_towers(const Architecture& net, NumberType type, bool plain) {
    WeightTable table(random_tensor_file(net, 1), "random weights");
    if (net.attention_pooled) return towers_of(take_siglip(table, net), type, plain, siglip_arithmetic(net));
    if (net.vit) return towers_of(take_vit(table, net), type, plain, vit_arithmetic(net));
    return towers_of(take_resnet(table, net), type, plain, resnet_arithmetic(net));
}

nlohmann::json measure(const Options& options, const std::string& model, const std::string& precision) {
    const NumberType type = precision == "bf16" ? NumberType::bf16 : NumberType::f32;
    const Architecture net = architecture_of(model);
    const auto [fast, plain, work] = make_towers(net, type, options.plain);
    nlohmann::json rows = nlohmann::json::array();
    for (const std::int64_t count : options.views) {
        Tensor views = at::empty({count, 3, net.view_size, net.view_size});
        fill_normal({.seed = 2}, views.data_ptr<float>(), static_cast<std::size_t>(views.numel()));
        const auto before = matmul_rate(type, 0.3);
        const auto [best, median] = time_of(options.seconds, [&] { step(*fast, views); });
        const auto after = matmul_rate(type, 0.3);
        const double rate = std::max(before.first, after.first);
        const auto share = [&](double macs) {
            return 4e-9 * macs * static_cast<double>(count) / best / rate;
        };  // forward and backward, two operations each
        nlohmann::json row{{"model", model},
                           {"precision", precision},
                           {"views", count},
                           {"seconds_best", best},
                           {"seconds_median", median},
                           {"views_per_second", static_cast<double>(count) / best},
                           {"gflop_per_view", 4e-9 * work.defined},
                           {"matmul_gflops", rate},
                           {"share_of_matmul", share(work.done)},
                           {"share_counting_skipped_work", share(work.defined)}};
        if (plain) row["times_faster_than_plain"] = time_of(options.seconds, [&] { step(*plain, views); }).first / best;
        rows.push_back(row);
        std::fprintf(stderr, "%s %s %d views: %.1f views/s, %.0f %% of %.0f GFLOP/s\n", model.c_str(), precision.c_str(),
                     static_cast<int>(count), static_cast<double>(count) / best, 100 * share(work.done), rate);
    }
    return rows;
}

}  // namespace
}  // namespace clipig

int main(int count, char** words) {
    using namespace clipig;
    try {
        const Options options = parse(count, words);
        at::set_num_threads(options.threads);
        nlohmann::json result{
            {"benchmark", "towers"}, {"threads", options.threads}, {"reference", "oneDNN matmul M=400 N=3072 K=768, packed weights"}};
        for (const std::string& model : options.models) {
            for (const std::string& precision : options.precisions) {
                for (const auto& row : measure(options, model, precision)) result["rows"].push_back(row);
            }
        }
        std::printf("%s\n", result.dump(1).c_str());
    } catch (const Error& error) {
        std::fprintf(stderr, "error: %s\n", error.what());
        return error.exit_code();
    }
    return 0;
}
