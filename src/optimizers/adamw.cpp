#include <cmath>

#include "optimizers/moments.h"

namespace clipig {
namespace {

struct Adamw final : MomentOptimizer {
    double weight_decay = 0.01;
    bool amsgrad = false;

    [[nodiscard]] std::vector<std::string> non_negative() const override {
        if (amsgrad) return {"exp_avg_sq", "max_exp_avg_sq"};
        return MomentOptimizer::non_negative();
    }

protected:
    [[nodiscard]] std::vector<std::string> names() const override {
        if (amsgrad) return {"exp_avg", "exp_avg_sq", "max_exp_avg_sq"};
        return MomentOptimizer::names();
    }

    void update(Tensor& parameter, const Tensor& gradient, std::vector<Tensor>& state, double rate, std::int64_t step) override {
        const auto t = static_cast<double>(step);
        parameter.mul_(1 - rate * weight_decay);
        average(gradient, state);
        if (amsgrad) state[2].copy_(at::maximum(state[2], state[1]));
        const double root = std::sqrt(1 - std::pow(betas[1], t));
        parameter.addcdiv_(state[0], (state[amsgrad ? 2 : 1].sqrt() / root).add_(eps), -rate / (1 - std::pow(betas[0], t)));
    }
};

const Register<Optimizer, Adamw> registration{
    {
        .kind = "optimizer",
        .name = "adamw",
        .summary = "Adam with weight decay that does not pass through the moments.",
        .details = "x -= rate weight_decay x, then Adam's step. With amsgrad the second moment never falls. Base rate 0.01. Loshchilov and "
                   "Hutter, arXiv:1711.05101; Reddi et al., arXiv:1904.09237.",
        .example = "adamw: {betas: 0 .999, amsgrad: true}",
        .fields = {},
    },
    with_moment_fields<Adamw>({
        field("weight_decay", &Adamw::weight_decay, "0.01", "Pulls all values towards 0."),
        field("amsgrad", &Adamw::amsgrad, "false", "Divides by the largest second moment so far."),
    })};

}  // namespace
}  // namespace clipig
