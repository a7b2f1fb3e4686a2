#include "optimizers/rmsprop_update.h"

#include <cmath>

namespace clipig {

// s - a^2 is a variance; rounding and resampling may bring it below 0, so both paths limit it

void RmspropUpdate::update(Tensor& parameter, const Tensor& gradient, std::vector<Tensor>& state, double rate, std::int64_t) {
    if (fusable(parameter, gradient, state)) {
        update_floats(parameter, gradient, state, rate);
        return;
    }
    const Tensor g = gradient + parameter * weight_decay;
    state[0].mul_(alpha).addcmul_(g, g, 1 - alpha);
    Tensor square = state[0];
    if (centered) {
        state[1].mul_(alpha).add_(g, 1 - alpha);
        square = (state[0] - state[1].square()).clamp_min_(0);
    }
    const Tensor change = g / square.sqrt().add_(eps);
    state[2].mul_(momentum).add_(change);
    parameter.add_(state[2], -rate);
}

void RmspropUpdate::update_floats(Tensor& parameter, const Tensor& gradient, std::vector<Tensor>& state, double rate) const {
    float* const p = parameter.data_ptr<float>();
    const float* const g = gradient.data_ptr<float>();
    float* const squares = state[0].data_ptr<float>();
    float* const means = state[1].data_ptr<float>();
    float* const buffer = state[2].data_ptr<float>();
    const auto kept = static_cast<float>(alpha);
    const auto taken = static_cast<float>(1 - alpha);
    const auto epsilon = static_cast<float>(eps);
    const auto speed = static_cast<float>(momentum);
    const auto decay = static_cast<float>(weight_decay);
    const auto size = static_cast<float>(rate);
    const float centre = centered ? 1.0F : 0.0F;
    for_blocks(parameter.numel(), [=](std::int64_t begin, std::int64_t end) {
#pragma omp simd
        for (std::int64_t i = begin; i < end; ++i) {
            const float d = g[i] + decay * p[i];
            squares[i] = kept * squares[i] + taken * d * d;
            means[i] = centre * (kept * means[i] + taken * d);
            const float square = squares[i] - means[i] * means[i];
            buffer[i] = speed * buffer[i] + d / (std::sqrt(square > 0.0F ? square : 0.0F) + epsilon);
            p[i] -= size * buffer[i];
        }
    });
}

}  // namespace clipig
