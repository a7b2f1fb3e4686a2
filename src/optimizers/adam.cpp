#include <cmath>

#include "optimizers/moments.h"

namespace clipig {
namespace {

struct Adam final : MomentOptimizer {
    double weight_decay = 0;

protected:
    void update(Tensor& parameter, const Tensor& gradient, std::vector<Tensor>& state, double rate, std::int64_t step) override {
        const double step_size = rate / (1 - std::pow(betas[0], static_cast<double>(step)));
        const double root = std::sqrt(1 - std::pow(betas[1], static_cast<double>(step)));
        if (fusable(parameter, gradient, state)) {
            update_floats(parameter, gradient, state, step_size, root);
            return;
        }
        const Tensor g = gradient + parameter * weight_decay;
        average(g, state);
        parameter.addcdiv_(state[0], (state[1].sqrt() / root).add_(eps), -step_size);
    }

private:
    void update_floats(Tensor& parameter, const Tensor& gradient, std::vector<Tensor>& state, double step_size, double root) const {
        float* const p = parameter.data_ptr<float>();
        const float* const g = gradient.data_ptr<float>();
        float* const m = state[0].data_ptr<float>();
        float* const v = state[1].data_ptr<float>();
        const auto b1 = static_cast<float>(betas[0]);
        const auto b2 = static_cast<float>(betas[1]);
        const auto c1 = static_cast<float>(1 - betas[0]);
        const auto c2 = static_cast<float>(1 - betas[1]);
        const auto size = static_cast<float>(step_size);
        const auto scale = static_cast<float>(1 / root);
        const auto epsilon = static_cast<float>(eps);
        const auto decay = static_cast<float>(weight_decay);
        for_blocks(parameter.numel(), [=](std::int64_t begin, std::int64_t end) {
#pragma omp simd
            for (std::int64_t i = begin; i < end; ++i) {
                const float d = g[i] + decay * p[i];
                m[i] = b1 * m[i] + c1 * d;
                v[i] = b2 * v[i] + c2 * d * d;
                p[i] -= size * m[i] / (std::sqrt(v[i]) * scale + epsilon);
            }
        });
    }
};

const Register<Optimizer, Adam> registration{
    {
        .kind = "optimizer",
        .name = "adam",
        .summary = "Adam: steps of nearly equal size for every pixel.",
        .details = "m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, x -= rate m' / (sqrt(v') + eps), where m' = m / (1 - b1^t) and "
                   "v' = v / (1 - b2^t). Base rate 0.01. Kingma and Ba, arXiv:1412.6980.",
        .example = "adam: {betas: .9 .99}",
        .fields = {},
    },
    with_moment_fields<Adam>({
        field("weight_decay", &Adam::weight_decay, "0", "Pulls all values towards 0."),
    })};

}  // namespace
}  // namespace clipig
