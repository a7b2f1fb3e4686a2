#include "optimizers/elementwise.h"

namespace clipig {
namespace {

struct Sgd final : ElementwiseOptimizer {
    double momentum = 0;
    bool nesterov = false;
    double weight_decay = 0;

    [[nodiscard]] double base_rate() const override { return 10; }
    [[nodiscard]] std::vector<std::string> non_negative() const override { return {}; }

protected:
    [[nodiscard]] std::vector<std::string> names() const override {
        return momentum != 0 ? std::vector<std::string>{"momentum_buffer"} : std::vector<std::string>{};
    }

    void update(Tensor& parameter, const Tensor& gradient, std::vector<Tensor>& state, double rate, std::int64_t) override {
        if (fusable(parameter, gradient, state)) {
            update_floats(parameter, gradient, state, rate);
            return;
        }
        Tensor g = gradient + parameter * weight_decay;
        if (!state.empty()) {
            state[0].mul_(momentum).add_(g);
            g = nesterov ? g + state[0] * momentum : state[0];
        }
        parameter.add_(g, -rate);
    }

private:
    void update_floats(Tensor& parameter, const Tensor& gradient, std::vector<Tensor>& state, double rate) const {
        float* const p = parameter.data_ptr<float>();
        const float* const g = gradient.data_ptr<float>();
        const auto size = static_cast<float>(rate);
        const auto decay = static_cast<float>(weight_decay);
        if (state.empty()) {
            for_blocks(parameter.numel(), [=](std::int64_t begin, std::int64_t end) {
#pragma omp simd
                for (std::int64_t i = begin; i < end; ++i) p[i] -= size * (g[i] + decay * p[i]);
            });
            return;
        }
        float* const buffer = state[0].data_ptr<float>();
        const auto kept = static_cast<float>(momentum);
        const float own = nesterov ? 1.0F : 0.0F;  // the step is own * g + ahead * buffer
        const float ahead = nesterov ? kept : 1.0F;
        for_blocks(parameter.numel(), [=](std::int64_t begin, std::int64_t end) {
#pragma omp simd
            for (std::int64_t i = begin; i < end; ++i) {
                const float d = g[i] + decay * p[i];
                buffer[i] = kept * buffer[i] + d;
                p[i] -= size * (own * d + ahead * buffer[i]);
            }
        });
    }
};

const Register<Optimizer, Sgd> registration{
    {
        .kind = "optimizer",
        .name = "sgd",
        .summary = "Gradient descent: steps as large as the gradient.",
        .details = "b = momentum b + g, x -= rate b, or with nesterov x -= rate (g + momentum b). Base rate 10. "
                   "Sutskever, Martens, Dahl and Hinton, ICML 2013.",
        .example = "sgd: {momentum: .9}",
        .fields = {},
    },
    {
        field("momentum", &Sgd::momentum, "0", "How much of its speed each pixel keeps.").at_least(0),
        field("nesterov", &Sgd::nesterov, "false", "Look ahead along the momentum."),
        field("weight_decay", &Sgd::weight_decay, "0", "Pulls all values towards 0."),
    }};

}  // namespace
}  // namespace clipig
