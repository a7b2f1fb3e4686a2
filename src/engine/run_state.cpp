// How a run is saved, loaded, and taken back by one step.
#include "engine/run_state.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "engine/run.h"

namespace clipig {
namespace {

constexpr std::int64_t kMaxSkipped = 20;  // epochs in a row that may be skipped: 2^-20 of the step

Tensor copy_to(const Tensor& tensor, at::Device device) {
    return tensor.detach().to(device, tensor.scalar_type(), false, true).contiguous();
}

/// A single number stays on the CPU, where the optimiser reads it: a copy to a GPU would wait for all that goes on there.
Tensor copy_of_state(const Tensor& tensor, at::Device device) {
    return tensor.dim() == 0 ? tensor.detach().clone() : copy_to(tensor, device);
}

}  // namespace

PixelState Run::copy_pixels(at::Device device) const {
    const at::NoGradGuard no_grad;
    return copy_pixels(device, pixels_->image());
}

PixelState Run::copy_pixels(at::Device device, const Tensor& image) const {
    const at::NoGradGuard no_grad;
    PixelState copy;
    const std::vector<Tensor>& parameters = pixels_->parameters();
    for (const Tensor& parameter : parameters) copy.parameters.push_back(copy_to(parameter, device));
    if (parameters.empty() || image.data_ptr() != parameters[0].data_ptr()) copy.image = copy_to(image, device);
    for (const auto& [name, tensors] : optimizer_->state()) {
        for (const Tensor& tensor : tensors) copy.optimizer[name].push_back(copy_of_state(tensor, device));
    }
    copy.kept = kept_;
    if (copy.kept.average.defined()) copy.kept.average = copy.kept.average.to(device);
    if (copy.kept.best.defined()) copy.kept.best = copy.kept.best.to(device);
    return copy;
}

bool Run::set_pixels(const PixelState& pixels) {
    const at::NoGradGuard no_grad;
    kept_ = pixels.kept;
    for (Tensor* picture : {&kept_.average, &kept_.best}) {
        if (picture->defined()) *picture = picture->to(setup_.device);
    }
    pixels_->set_image(copy_to(pixels.picture(), setup_.device));
    std::vector<Tensor>& own = pixels_->parameters();
    const auto fits = [](const Tensor& a, const Tensor& b) { return a.sizes() == b.sizes() && a.scalar_type() == b.scalar_type(); };
    if (!std::equal(own.begin(), own.end(), pixels.parameters.begin(), pixels.parameters.end(), fits)) return false;
    // the picture may be known less exactly than the parameters that it was made of
    for (std::size_t i = 0; i < own.size(); ++i) own[i].copy_(pixels.parameters[i]);
    return true;
}

bool Run::set_optimizer_state(const PixelState& pixels) {
    const std::vector<Tensor>& own = pixels_->parameters();
    std::int64_t total = 0;
    for (const Tensor& parameter : own) total += parameter.numel();
    std::map<std::string, std::vector<Tensor>> state;
    for (const auto& [name, tensors] : pixels.optimizer) {
        for (std::size_t i = 0; i < tensors.size(); ++i) {
            const bool number = tensors[i].dim() == 0;
            const bool row = tensors[i].dim() == 2 && tensors[i].size(0) == 1 && tensors[i].size(1) == total;  // of all parameters together
            if (!number && !row && (i >= own.size() || tensors[i].sizes() != own[i].sizes())) return false;
            state[name].push_back(number ? tensors[i].clone() : copy_to(tensors[i], setup_.device));
        }
    }
    try {
        optimizer_->set_state(std::move(state));
    } catch (const Error&) {  // of another optimiser
        return false;
    }
    return true;
}

RunState Run::save_state() const {
    RunState state;
    state.pixels = copy_pixels(at::kCPU);
    state.epoch = epoch_;
    state.epochs = epochs_;
    state.seed = seed_;
    state.rate_factor = rate_factor_;
    state.skipped = skipped_;
    for (const Target& target : targets()) {
        if (!target.fair_known) continue;
        for (const Feature& feature : target.features) state.fair_scales[target.index].push_back(feature.fair_scale);
    }
    state.last = last_;
    state.configuration = dump_yaml(resolved());
    for (const LoadedModel& model : models_.models) state.models.push_back({model.name, model.model->hash()});
    state.version = CLIPIG_VERSION;
    return state;
}

std::vector<std::string> Run::load_state(const RunState& state) {
    std::vector<std::string> notes;
    epoch_ = std::min(state.epoch, epochs_);
    begin_stage(stage_of(std::max<std::int64_t>(epoch_ - 1, 0)), frame_at(epoch_));  // the next stage begins with its first step
    rate_factor_ = state.rate_factor;
    skipped_ = state.skipped;
    last_ = state.last;
    good_.reset();
    const bool fits = set_pixels(state.pixels);
    if (config_->top["ema"].uses() == kNoVariables && config_->top["ema"].real() == 0) kept_.forget_average();
    if (!config_->top["keep_best"].boolean()) kept_.forget_best();
    if (!fits) {
        notes.emplace_back("the picture is parametrised in another way now: it is taken over, the optimiser starts afresh");
    } else if (!set_optimizer_state(state.pixels)) {
        notes.emplace_back("the optimiser's state does not fit; it starts afresh");
    }
    for (Target& target : targets()) {
        const auto scales = state.fair_scales.find(target.index);
        if (!target.fair || scales == state.fair_scales.end() || scales->second.size() != target.features.size()) continue;
        for (std::size_t i = 0; i < target.features.size(); ++i) target.features[i].fair_scale = scales->second[i];
        target.fair_known = true;
    }
    for (const LoadedModel& model : models_.models) {
        const auto same = [&](const ModelFact& fact) { return fact.name == model.name && fact.hash != model.model->hash(); };
        if (std::any_of(state.models.begin(), state.models.end(), same)) {
            notes.push_back(fmt::format("the weights of model '{}' are others than when the run began; its end will differ", model.name));
        }
    }
    return notes;
}

void Run::skip_epoch(const std::string& trouble) {
    if (good_) {
        set_pixels(*good_);
        set_optimizer_state(*good_);
    }
    const std::string where = fmt::format("epoch {}: {}", epoch_, trouble);
    if (config_->top["on_nan"].text() == "stop") {
        throw Error(where + "; the picture of the step before is kept. A smaller learnrate often helps");
    }
    if (++skipped_ > kMaxSkipped)
        throw Error(fmt::format("{}; {} epochs were skipped one after the other, so the run ends here", where, kMaxSkipped));
    rate_factor_ /= 2;
    const std::string back = good_ && good_epoch_ + 1 < epoch_ ? fmt::format("of epoch {}", good_epoch_) : "of the step before";
    warnings_.push_back(
        fmt::format("{}; went back to the picture {}, and steps are {:.3g} times as large from here on", where, back, rate_factor_));
}

}  // namespace clipig
