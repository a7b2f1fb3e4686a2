#include "engine/memory_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "engine/batch_size.h"
#include "engine/operators.h"
#include "ops/optimizer.h"
#include "ops/pixel_model.h"

namespace clipig {
namespace {

constexpr double kProgram = 300.0 * 1024 * 1024;  ///< libtorch and its like, and the memory of threads: measured on Debian 12

Frame frame_at(const Config& config, std::int64_t epoch) {
    Frame frame;
    frame.seed = config.top["seed"].null() ? 0 : static_cast<std::uint64_t>(config.top["seed"].integer());
    frame.variables.epoch = epoch;
    frame.variables.epochs = config.top["epochs"].integer();
    const Setting& resolution = config.top["resolution"];
    Random stream = frame.expression_stream(resolution.path());
    const auto size = resolution.integers(frame.variables, stream);
    frame.variables.resolution = {size[0], size[1]};
    return frame;
}

/// The frame of the largest picture.
Frame largest_frame(const Config& config) {
    Frame largest = frame_at(config, 0);
    if ((config.top["resolution"].uses() & kTime) == 0) return largest;
    const auto pixels = [](const Frame& frame) { return frame.variables.resolution[0] * frame.variables.resolution[1]; };
    for (std::int64_t epoch = 1; epoch < config.top["epochs"].integer(); ++epoch) {
        Frame frame = frame_at(config, epoch);
        if (pixels(frame) > pixels(largest)) largest = std::move(frame);
    }
    return largest;
}

double bytes_of(const std::vector<Tensor>& tensors) {
    double sum = 0;
    for (const Tensor& tensor : tensors) sum += static_cast<double>(tensor.numel() * tensor.element_size());
    return sum;
}

/// Parameters and optimiser state of a small picture, scaled up: how many copies a parametrisation keeps is not written twice.
void plan_picture(const Config& config, const Frame& frame, MemoryPlan& plan) {
    constexpr std::int64_t kSmall = 64;
    const auto [width, height] = frame.variables.resolution;
    const std::int64_t w = std::min(width, kSmall), h = std::min(height, kSmall);
    const double scale = static_cast<double>(width * height) / static_cast<double>(w * h);
    Frame small = frame;
    small.variables.resolution = {w, h};
    const Settings& pixel_settings = config.top.operators.find("pixels")->second;
    const Settings& optimizer_settings = config.top.operators.find("optimizer")->second;
    const at::NoGradGuard no_grad;
    const auto pixels = make_operator<PixelModel>(pixel_settings, small);
    pixels->set_image(at::rand({1, 3, h, w}));
    const auto optimizer = make_operator<Optimizer>(optimizer_settings, small);
    double state = 0;
    for (int step = 0; step < 64; ++step) {  // down a bowl: some remember more with each step
        std::vector<Tensor> gradients;
        for (const Tensor& parameter : pixels->parameters()) gradients.push_back(parameter.detach().clone());
        optimizer->step(pixels->parameters(), gradients, 1e-3);
        double bytes = 0;
        for (const auto& [name, tensors] : optimizer->state()) bytes += scale * bytes_of(tensors);
        if (step > 1 && bytes == state) break;
        state = bytes;
    }
    const double parameters = scale * bytes_of(pixels->parameters());
    const double image = 3 * sizeof(float) * static_cast<double>(width * height);
    const bool plain = pixel_settings.spec->name == "rgb";
    plan.add(fmt::format("picture {} x {} as {}, and its gradient", width, height, pixel_settings.spec->name), 2 * parameters + (plain ? 0 : 2 * image));
    plan.add(fmt::format("optimiser {}", optimizer_settings.spec->name), state);
    plan.add("the step before, for steps that are taken back", parameters + state);
    const bool average = config.top["ema"].given(), best = config.top["keep_best"].boolean();
    if (average || best) plan.add("pictures that are kept", (average && best ? 2 : 1) * image);
    plan.add("snapshots", 1.5 * image);
}

}  // namespace

void MemoryPlan::add(const std::string& what, double bytes) {
    Line& line = lines.emplace_back();
    line.what = what;
    line.bytes = bytes;
}

double MemoryPlan::total() const {
    double sum = 0;
    for (const Line& line : lines) sum += line.bytes;
    return sum;
}

MemoryPlan plan_memory(const Config& config, const ModelMeasure& measure) {
    MemoryPlan plan;
    const Frame frame = largest_frame(config);
    plan.width = frame.variables.resolution[0];
    plan.height = frame.variables.resolution[1];
    plan.add("program", kProgram);
    plan_picture(config, frame, plan);
    std::map<std::string, ModelNeed> needs;
    double view = 0;
    std::int64_t views = 0;
    for (const TargetConfig& target : config.targets) {
        if (!target.settings["active"].boolean()) continue;
        double bytes = 0;
        std::int64_t side = 0;
        const Setting& names = target.settings["model"].null() ? config.top["model"] : target.settings["model"];
        Random unused({});
        if (!target.features.empty()) {
            for (const Value& value : names.evaluate({}, unused)) {
                const auto& name = std::get<std::string>(value.data());
                if (!needs.contains(name)) needs.emplace(name, measure(name));
                bytes += needs.at(name).view;
                side = std::max(side, needs.at(name).view_size);
            }
        }
        bytes += view_shape(target, frame, side).bytes();
        view = std::max(view, bytes);
        views += target.settings["batch_size"].integer();
    }
    for (const auto& [name, need] : needs) plan.add(fmt::format("model {} ({}, {} px)", name, need.architecture, need.view_size), need.weights);
    plan.batch = std::min(views_at_once(view), views);
    plan.add(fmt::format("{} views at a time", plan.batch), view * static_cast<double>(plan.batch));
    return plan;
}

}  // namespace clipig
