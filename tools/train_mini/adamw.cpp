#include "adamw.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace clipig::mini {

double learning_rate(const Settings& s, std::int64_t step) {
    if (step < s.warm_up) return s.learning_rate * static_cast<double>(step + 1) / static_cast<double>(s.warm_up);
    const double share = std::min(1.0, static_cast<double>(step - s.warm_up) / static_cast<double>(s.steps - s.warm_up));
    return s.learning_rate * (s.final_rate + (1 - s.final_rate) * 0.5 * (1 + std::cos(std::numbers::pi * share)));
}

AdamW::AdamW(Model& model, const Settings& settings)
    : model_(model),
      settings_(settings),
      state_{at::zeros_like(model.weights()), at::zeros_like(model.weights()), model.weights().clone(), model.statistics().clone()},
      gradient_(at::zeros_like(model.weights())) {}

namespace {
constexpr double kFirst = 0.9, kSecond = 0.98, kEpsilon = 1e-8;
}

/// The numbers of one update.
struct AdamW::Rule {
    double scale;       ///< of the gradient
    double size;        ///< learning rate over the first moment's correction
    double correction;  ///< of the root of the second moment
    double decay;       ///< share of a decaying weight that goes
    double forget;      ///< of the running mean
};

double AdamW::update(const std::vector<Tensor>& gradients, std::int64_t step) {
    const at::NoGradGuard frozen;
    const auto& parameters = model_.parameters();
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        Tensor part = gradient_.narrow(0, parameters[i].offset, parameters[i].values.numel()).view(parameters[i].values.sizes());
        if (gradients[i].defined()) {
            part.copy_(gradients[i]);
        } else {
            part.zero_();
        }
    }
    const double norm = gradient_.norm().item<double>(), rate = learning_rate(settings_, step), age = static_cast<double>(step + 1);
    const Rule rule{std::min(1.0, settings_.clip / (norm + 1e-12)), rate / (1 - std::pow(kFirst, age)),
                    1 / std::sqrt(1 - std::pow(kSecond, age)), rate * settings_.weight_decay,
                    1 - std::min(settings_.average, (age + 1) / (age + 10))};  // a young mean forgets faster: it starts at random weights
    if (model_.device().is_cpu()) {
        move_on_processor(rule);
    } else {
        move_on_device(rule);
    }
    state_.mean_statistics.add_((model_.statistics() - state_.mean_statistics) * rule.forget);
    return norm;
}

/// In one pass over memory.
void AdamW::move_on_processor(const Rule& rule) {
    float *w = model_.weights().data_ptr<float>(), *m = state_.first.data_ptr<float>(), *v = state_.second.data_ptr<float>();
    float *mean = state_.mean_weights.data_ptr<float>(), *g = gradient_.data_ptr<float>();
    const auto scale = static_cast<float>(rule.scale), size = static_cast<float>(rule.size),
               correction = static_cast<float>(rule.correction);
    const auto forget = static_cast<float>(rule.forget);
    for (const Model::Parameter& p : model_.parameters()) {
        const auto keep = static_cast<float>(1 - (p.decays ? rule.decay : 0));
        at::parallel_for(p.offset, p.offset + p.values.numel(), 65536, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) {
                const float slope = g[i] * scale;
                m[i] += static_cast<float>(1 - kFirst) * (slope - m[i]);
                v[i] += static_cast<float>(1 - kSecond) * (slope * slope - v[i]);
                w[i] = w[i] * keep - size * m[i] / (std::sqrt(v[i]) * correction + static_cast<float>(kEpsilon));
                mean[i] += forget * (w[i] - mean[i]);
            }
        });
    }
}

/// The same with whole arrays.
void AdamW::move_on_device(const Rule& rule) {
    const Tensor slope = gradient_ * rule.scale;
    state_.first.lerp_(slope, 1 - kFirst);
    state_.second.lerp_(slope.square(), 1 - kSecond);
    for (const Model::Parameter& p : model_.parameters()) {
        if (p.decays) model_.weights().narrow(0, p.offset, p.values.numel()).mul_(1 - rule.decay);
    }
    model_.weights().addcdiv_(state_.first, state_.second.sqrt().mul_(rule.correction).add_(kEpsilon), -rule.size);
    state_.mean_weights.lerp_(model_.weights(), rule.forget);
}

}  // namespace clipig::mini
