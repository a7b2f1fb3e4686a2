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
    : model_(model), settings_(settings),
      state_{at::zeros_like(model.weights()), at::zeros_like(model.weights()), model.weights().clone(), model.statistics().clone()},
      gradient_(at::zeros_like(model.weights())) {}

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
    const double norm = gradient_.norm().item<double>(), cut = std::min(1.0, settings_.clip / (norm + 1e-12));
    constexpr double kFirst = 0.9, kSecond = 0.98, kEpsilon = 1e-8;
    const double rate = learning_rate(settings_, step), age = static_cast<double>(step + 1);
    const auto size = static_cast<float>(rate / (1 - std::pow(kFirst, age)));
    const auto correction = static_cast<float>(1 / std::sqrt(1 - std::pow(kSecond, age)));
    // a young mean forgets faster, so that it is not the random start
    const auto forget = static_cast<float>(1 - std::min(settings_.average, (age + 1) / (age + 10)));
    float *w = model_.weights().data_ptr<float>(), *m = state_.first.data_ptr<float>(), *v = state_.second.data_ptr<float>();
    float *mean = state_.mean_weights.data_ptr<float>(), *g = gradient_.data_ptr<float>();
    const auto scale = static_cast<float>(cut);
    for (const Model::Parameter& p : parameters) {
        const float keep = static_cast<float>(1 - (p.decays ? rate * settings_.weight_decay : 0));
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
    state_.mean_statistics.add_((model_.statistics() - state_.mean_statistics) * static_cast<double>(forget));
    return norm;
}

}  // namespace clipig::mini
