#include "engine/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <random>

#include "base/text.h"
#include "engine/animate.h"
#include "engine/diagnose.h"
#include "engine/gradient.h"
#include "engine/initial.h"
#include "engine/operators.h"
#include "engine/resolution.h"
#include "ops/apply.h"
#include "ops/planes.h"
#include "ops/transform.h"

namespace clipig {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// The seed that the file gives, or a drawn one of 32 bits, easy to type again.
std::uint64_t seed_of(const Config& config) {
    const Setting& seed = config.top["seed"];
    if (!seed.null()) return static_cast<std::uint64_t>(seed.integer());
    return std::random_device{}();
}

/// Large pictures are copied for `on_nan` every few epochs only: parameters and optimiser state of 4096 x 4096 pixels are 600 MB.
constexpr std::size_t kCheapCopy = 16u << 20;
constexpr std::int64_t kCopyInterval = 8;

const Settings& chosen(const Config& config, const char* kind) { return config.top.operators.find(kind)->second; }

}  // namespace

Run::Run(std::shared_ptr<const Config> config, RunSetup setup)
    : whole_(std::move(config)),
      config_(whole_),
      setup_(std::move(setup)),
      seed_(setup_.seed.value_or(0)),
      batch_(whole_->top["deterministic"].boolean()) {
    if (!setup_.seed) seed_ = seed_of(*whole_);
    make_stages();
    epochs_ = stages_.back().end();
    epoch_ = std::min(whole_->top["start_epoch"].integer(), epochs_);
    stage_ = stage_of(epoch_);
    config_ = stages_[stage_].config;
    Frame frame = frame_at(epoch_);
    const auto size = resolution_at(*config_, frame);
    require_room(*config_, size);
    frame.variables.resolution = size;
    begin_stage(stage_, frame);
    pixels_->set_image(initial_image(whole_->init, seed_, size[0], size[1]).to(setup_.device));
}

Frame Run::frame_at(std::int64_t epoch) const {
    Frame frame = frame_of(*config_, stage_, seed_, epoch - stages_[stage_].first);
    if (pixels_) frame.variables.resolution = pixels_->size();
    return frame;
}

void Run::follow_resolution(const Frame& frame) {
    const auto size = resolution_at(*config_, frame);
    if (size == frame.variables.resolution) return;
    require_room(*config_, size);
    const Setting& setting = config_->top["interpolation"];
    Random stream = frame.expression_stream(setting.path());
    const std::string interpolation = lower(std::get<std::string>(setting.evaluate(frame.variables, stream)[0].data()));
    const at::NoGradGuard no_grad;
    std::vector<std::vector<std::int64_t>> old_shapes;
    for (const Tensor& parameter : pixels_->parameters()) old_shapes.push_back(parameter.sizes().vec());
    pixels_->resize(size[1], size[0], interpolation);
    auto state = optimizer_->state();
    const auto non_negative = optimizer_->non_negative();
    for (auto& [name, tensors] : state) {
        const bool positive = std::find(non_negative.begin(), non_negative.end(), name) != non_negative.end();
        for (std::size_t i = 0; i < tensors.size(); ++i) {
            if (i < old_shapes.size() && tensors[i].sizes() == old_shapes[i]) tensors[i] = pixels_->resize_state(i, tensors[i], positive);
        }
    }
    optimizer_->set_state(std::move(state));
}

std::array<std::int64_t, 2> Run::largest_resolution() const {
    std::array<std::int64_t, 2> largest = pixels_->size();
    try {
        for (std::size_t number = 0; number < stages_.size(); ++number) {
            const Config& stage = *stages_[number].config;
            each_resolution(stage, number, seed_, [&](const Frame& frame) {
                const auto& size = frame.variables.resolution;
                require_room(stage, size);
                for (std::size_t i = 0; i < 2; ++i) largest[i] = std::max(largest[i], size[i]);
            });
        }
    } catch (const ConfigError&) {  // the run will come to that epoch, and say it then
    }
    return largest;
}

void Run::apply_postproc(const Frame& frame) {
    const at::NoGradGuard no_grad;
    const auto& masks = stages_[stage_].effect_masks;
    for (std::size_t i = 0; i < config_->postproc.size(); ++i) {
        const PostprocConfig& entry = config_->postproc[i];
        if (!entry.settings["active"].boolean() || !in_schedule(entry.settings, frame.variables.epoch, frame.variables.epochs)) continue;
        if (!in_schedule(entry.effect, frame.variables.epoch, frame.variables.epochs)) continue;
        const std::array effect{make_operator<Transform>(entry.effect, frame)};
        const ViewRandom random{seed_, static_cast<std::uint32_t>(frame.variables.epoch), kPostprocStream, 0, static_cast<std::uint32_t>(i),
                                1};
        const Tensor before = pixels_->image();
        Tensor after = apply_transforms(effect, before, random);
        if (const auto found = masks.find(i); found != masks.end()) {
            const Tensor& mask = found->second->over(frame, before.size(2), before.size(3), before.device());
            after = (1 - mask) * before + mask * after;
        }
        pixels_->set_image(after);
    }
}

bool Run::optimise(const Tensor& image, const Tensor& gradient, double rate) {
    std::vector<Tensor>& parameters = pixels_->parameters();
    std::vector<Tensor> gradients;
    if (image.requires_grad()) {
        image.backward(gradient);
        for (Tensor& parameter : parameters) {
            gradients.push_back(parameter.grad());
            parameter.mutable_grad().reset();
        }
    } else {
        gradients.push_back(gradient);
    }
    const at::NoGradGuard no_grad;
    std::optional<PixelState> before;
    if (!good_ || image.nbytes() < kCheapCopy || epoch_ - good_epoch_ >= kCopyInterval) before = copy_pixels(setup_.device, image);
    optimizer_->step(parameters, gradients, rate);
    if (before) {
        good_ = std::move(before);
        good_epoch_ = epoch_;
    }
    return all_finite(parameters);
}

StepResult Run::evaluate(const Tensor& image, const Frame& frame) {
    const auto batch = [&](const std::vector<TargetFrame>& acting) { return batch_.choose(acting, models_, frame, warnings_); };
    while (true) {
        try {
            return evaluate_step(targets(), models_, image, frame, batch);
        } catch (const c10::OutOfMemoryError&) {
            if (!batch_.halve(warnings_)) throw;
        }
    }
}

bool Run::move_pixels(const Frame& frame) {
    const Tensor image = pixels_->image();
    StepResult result;
    try {
        result = evaluate(image, frame);
    } catch (const NotFiniteError&) {
        skip_epoch(find_culprit(targets(), models_, image, frame));
        return false;
    }
    if (config_->top["keep_best"].boolean() && !result.targets.empty())
        kept_.judge(kept_.average.defined() ? kept_.average : image, result.loss);
    if (result.gradient.defined()) result.gradient = conditioned(result.gradient, config_->top.section("gradient"), frame);
    const double learnrate = frame.variables.learnrate;
    const double rate = learnrate * rate_factor_ * optimizer_->base_rate() * pixels_->rate_scale(chosen(*config_, "optimizer").spec->name);
    if (result.gradient.defined() && !optimise(image, result.gradient, rate)) {
        skip_epoch(fmt::format("optimizer {}: a step with learnrate {:g} gives pixels that are not finite",
                               chosen(*config_, "optimizer").spec->name, learnrate * rate_factor_));
        return false;
    }
    if (const double decay = real_at(config_->top["ema"], frame); decay > 0) {
        kept_.add(pixels_->image(), decay);
    } else {
        kept_.forget_average();
    }
    last_.loss = result.loss;
    last_.views = result.views;
    last_.targets = std::move(result.targets);
    skipped_ = 0;
    return true;
}

Frame Run::enter_epoch() {
    follow_stages();
    follow_resolution(frame_at(epoch_));
    Frame frame = frame_at(epoch_);
    const double scale = real_at(config_->top["learnrate_scale"], frame);
    frame.variables.learnrate = real_at(config_->top["learnrate"], frame) * scale;
    frame.variables.learnrate_scale = scale;
    return frame;
}

const StepEvent& Run::step() {
    const auto start = Clock::now();
    const Frame frame = enter_epoch();
    if (config_->animate) animate(*config_->animate, frame, *pixels_, *optimizer_, kept_.average);
    apply_postproc(frame);
    last_.skipped = !move_pixels(frame);
    last_.epoch = epoch_++;
    last_.epochs = epochs_;
    last_.learnrate = frame.variables.learnrate;
    last_.width = frame.variables.resolution[0];
    last_.height = frame.variables.resolution[1];
    last_.step_seconds = seconds_since(start);
    last_.elapsed_seconds += last_.step_seconds;
    return last_;
}

StartedEvent Run::started() const {
    StartedEvent event;
    for (const LoadedModel& model : models_.models) {
        event.model += (event.model.empty() ? "" : " + ") + model.model->describe();
        if (!model.note.empty()) event.notes.push_back(model.note);
    }
    for (const LoadedModel& model : models_.models) event.models.push_back({model.name, model.model->hash()});
    if (event.model.empty()) event.model = "no model";
    event.seed = seed_;
    event.first_epoch = epoch_;
    event.epochs = epochs_;
    const auto size = frame_at(epoch_).variables.resolution;
    event.width = size[0];
    event.height = size[1];
    event.elapsed_seconds = last_.elapsed_seconds;
    return event;
}

std::shared_ptr<const Planes> Run::picture(bool best) const {
    const at::NoGradGuard no_grad;
    const bool kept = best && kept_.best.defined();
    const Tensor shown = kept ? kept_.best : kept_.average.defined() ? kept_.average : pixels_->image();
    return std::make_shared<const Planes>(image_planes(shown.clamp(0, 1)));
}

Node Run::resolved() const {
    Node node = whole_->resolved;
    set_scalar(node, "seed", std::to_string(seed_));
    set_scalar(node, "candidates", "1");  // that seed was the best of them
    // `auto` becomes the model that was used, so that the file means the same elsewhere
    if (models_.models.size() == 1 && whole_->top["model"].entries().size() == 1) set_scalar(node, "model", models_.models[0].name);
    return node;
}

std::vector<std::pair<std::string, Tensor>> Run::preview(std::int64_t epoch, std::int64_t count) {
    const at::NoGradGuard no_grad;
    epoch_ = epoch;
    const Frame frame = enter_epoch();
    std::vector<std::pair<std::string, Tensor>> sheets;
    for (Target& target : targets()) {
        auto made = make_frame(target, frame);
        if (!made) continue;
        Piece piece{&*made, 0, count};
        Tensor views = make_views(piece, pixels_->image(), frame);
        if (!target.uses.empty()) views = model_views(views, models_.models[target.uses[0].model].model->view_size());
        sheets.emplace_back(target.config->settings["name"].text(), views.clamp(0, 1));
    }
    return sheets;
}

}  // namespace clipig
