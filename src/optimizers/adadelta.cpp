#include <cmath>

#include "optimizers/elementwise.h"

namespace clipig {
namespace {

struct Adadelta final : ElementwiseOptimizer {
    double rho = 0.9;
    double eps = 1e-6;
    double weight_decay = 0;

    [[nodiscard]] double base_rate() const override { return 20; }
    [[nodiscard]] std::vector<std::string> non_negative() const override { return {"square_avg", "acc_delta"}; }

protected:
    [[nodiscard]] std::vector<std::string> names() const override { return {"square_avg", "acc_delta"}; }

    void update(Tensor& parameter, const Tensor& gradient, std::vector<Tensor>& state, double rate, std::int64_t) override {
        if (fusable(parameter, gradient, state)) {
            update_floats(parameter, gradient, state, rate);
            return;
        }
        const Tensor g = gradient + parameter * weight_decay;
        state[0].mul_(rho).addcmul_(g, g, 1 - rho);
        const Tensor delta = state[1].add(eps).sqrt_() / state[0].add(eps).sqrt_() * g;
        state[1].mul_(rho).addcmul_(delta, delta, 1 - rho);
        parameter.add_(delta, -rate);
    }

private:
    void update_floats(Tensor& parameter, const Tensor& gradient, std::vector<Tensor>& state, double rate) const {
        float* const p = parameter.data_ptr<float>();
        const float* const g = gradient.data_ptr<float>();
        float* const squares = state[0].data_ptr<float>();
        float* const deltas = state[1].data_ptr<float>();
        const auto kept = static_cast<float>(rho);
        const auto taken = static_cast<float>(1 - rho);
        const auto epsilon = static_cast<float>(eps);
        const auto decay = static_cast<float>(weight_decay);
        const auto size = static_cast<float>(rate);
        for_blocks(parameter.numel(), [=](std::int64_t begin, std::int64_t end) {
#pragma omp simd
            for (std::int64_t i = begin; i < end; ++i) {
                const float d = g[i] + decay * p[i];
                squares[i] = kept * squares[i] + taken * d * d;
                const float delta = std::sqrt(deltas[i] + epsilon) / std::sqrt(squares[i] + epsilon) * d;
                deltas[i] = kept * deltas[i] + taken * delta * delta;
                p[i] -= size * delta;
            }
        });
    }
};

const Register<Optimizer, Adadelta> registration{
    {
        .kind = "optimizer",
        .name = "adadelta",
        .summary = "Adadelta: steps in the units of the pixels, made from past steps.",
        .details = "s = rho s + (1 - rho) g^2, d = g sqrt(a + eps) / sqrt(s + eps), a = rho a + (1 - rho) d^2, x -= rate d. Base rate 20. "
                   "Zeiler, arXiv:1212.5701.",
        .example = "adadelta: {rho: .95}",
        .fields = {},
    },
    {
        field("rho", &Adadelta::rho, "0.9", "How much of the running averages each step keeps.").at_least(0).at_most(1),
        field("eps", &Adadelta::eps, "1e-6", "Added below the roots; sets the size of the first steps.").more_than(0),
        field("weight_decay", &Adadelta::weight_decay, "0", "Pulls all values towards 0."),
    }};

}  // namespace
}  // namespace clipig
