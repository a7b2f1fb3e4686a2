#include "engine/memory_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "config/stages.h"
#include "engine/batch_size.h"
#include "engine/operators.h"
#include "engine/resolution.h"
#include "ops/optimizer.h"
#include "ops/pixel_model.h"

namespace clipig {
namespace {

constexpr double kProgram = 300.0 * 1024 * 1024;  ///< libtorch and its like, and the memory of threads: measured on Debian 12

/// The frame of the largest picture of a stage; the first one where there are no epochs.
Frame largest_frame(const Config& stage, std::size_t number) {
    const std::uint64_t seed = stage.top["seed"].null() ? 0 : static_cast<std::uint64_t>(stage.top["seed"].integer());
    const auto pixels = [](const Frame& frame) { return frame.variables.resolution[0] * frame.variables.resolution[1]; };
    std::optional<Frame> largest;
    each_resolution(stage, number, seed, [&](const Frame& frame) {
        if (!largest || pixels(frame) > pixels(*largest)) largest = frame;
    });
    if (largest) return *largest;
    Frame first = frame_of(stage, number, seed, 0);
    first.variables.resolution = resolution_at(stage, first);
    return first;
}

double bytes_of(const std::vector<Tensor>& tensors) {
    double sum = 0;
    for (const Tensor& tensor : tensors) sum += static_cast<double>(tensor.numel() * tensor.element_size());
    return sum;
}

/// Of an optimiser, after enough steps down a bowl: some remember more with each step.
double state_bytes(PixelModel& pixels, Optimizer& optimizer) {
    double state = 0;
    for (int step = 0; step < 64; ++step) {
        std::vector<Tensor> gradients;
        for (const Tensor& parameter : pixels.parameters()) gradients.push_back(parameter.detach().clone());
        optimizer.step(pixels.parameters(), gradients, 1e-3);
        double bytes = 0;
        for (const auto& [name, tensors] : optimizer.state()) bytes += bytes_of(tensors);
        if (step > 1 && bytes == state) break;
        state = bytes;
    }
    return state;
}

/// Parameters and optimiser state of a small picture, scaled up: how many copies a parametrisation keeps is not written twice.
MemoryPlan plan_picture(const Config& config, const Frame& frame) {
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
    const double state = scale * state_bytes(*pixels, *make_operator<Optimizer>(optimizer_settings, small));
    const double parameters = scale * bytes_of(pixels->parameters());
    const double image = 3 * sizeof(float) * static_cast<double>(width * height);
    MemoryPlan plan;
    plan.width = width;
    plan.height = height;
    const bool plain = pixel_settings.spec->name == "rgb";
    plan.add(fmt::format("picture {} x {} as {}, and its gradient", width, height, pixel_settings.spec->name),
             2 * parameters + (plain ? 0 : 2 * image));
    plan.add(fmt::format("optimiser {}", optimizer_settings.spec->name), state);
    plan.add("the step before, for steps that are taken back", parameters + state);
    const Setting& ema = config.top["ema"];
    const bool average = ema.uses() != kNoVariables || ema.uses_random() || ema.real() != 0, best = config.top["keep_best"].boolean();
    if (average || best) plan.add("pictures that are kept", (average && best ? 2 : 1) * image);
    plan.add("snapshots", 1.5 * image);
    return plan;
}

/// Where an expression fails, the step itself will complain.
ViewShape shape_of(const TargetConfig& target, const Frame& frame, std::int64_t model_side) {
    try {
        return view_shape(make_transforms(target.transforms, frame), frame, model_side);
    } catch (const ConfigError&) {
        return {frame.variables.resolution[0], frame.variables.resolution[1], 1};
    }
}

/// What the views of one stage take.
struct ViewNeed {
    double view = 0;         ///< bytes of one, in the hungriest target
    std::int64_t batch = 0;  ///< views at a time
    [[nodiscard]] double bytes() const { return view * static_cast<double>(batch); }
};

/// The models that are met are measured and noted.
ViewNeed plan_views(const Config& config, const Frame& frame, const ModelMeasure& measure, std::map<std::string, ModelNeed>& models) {
    ViewNeed need;
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
                if (!models.contains(name)) models.emplace(name, measure(name));
                bytes += models.at(name).view;
                side = std::max(side, models.at(name).view_size);
            }
        }
        bytes += shape_of(target, frame, side).bytes();
        need.view = std::max(need.view, bytes);
        views += target.settings["batch_size"].integer();
    }
    need.batch = std::min(views_at_once(need.view), views);
    return need;
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

MemoryPlan plan_memory(const std::shared_ptr<const Config>& config, const ModelMeasure& measure) {
    MemoryPlan picture;
    ViewNeed views;
    std::map<std::string, ModelNeed> models;  // of all stages: they are loaded together
    std::size_t number = 0;
    for (const auto& stage : stage_configs(config)) {
        const Frame frame = largest_frame(*stage, number++);
        MemoryPlan own_picture = plan_picture(*stage, frame);
        const ViewNeed own_views = plan_views(*stage, frame, measure, models);
        if (own_picture.total() > picture.total()) picture = std::move(own_picture);
        if (own_views.bytes() > views.bytes()) views = own_views;
    }
    MemoryPlan plan;
    plan.width = picture.width;
    plan.height = picture.height;
    plan.batch = views.batch;
    plan.add("program", kProgram);
    plan.lines.insert(plan.lines.end(), picture.lines.begin(), picture.lines.end());
    for (const auto& [name, need] : models)
        plan.add(fmt::format("model {} ({}, {} px)", name, need.architecture, need.view_size), need.weights);
    plan.add(fmt::format("{} views at a time", plan.batch), views.bytes());
    return plan;
}

}  // namespace clipig
