#include <cmath>

#include "optimizers/moments.h"

namespace clipig {
namespace {

struct Nadam final : MomentOptimizer {
    double momentum_decay = 0.004;

protected:
    void update(Tensor& parameter, const Tensor& gradient, std::vector<Tensor>& state, double rate, std::int64_t step) override {
        const double now = momentum(step), next = momentum(step + 1);
        double product = 1;
        for (std::int64_t t = 1; t <= step; ++t) product *= momentum(t);
        average(gradient, state);
        const Tensor length = (state[1] / (1 - std::pow(betas[1], static_cast<double>(step)))).sqrt_().add_(eps);
        parameter.addcdiv_(gradient, length, -rate * (1 - now) / (1 - product));
        parameter.addcdiv_(state[0], length, -rate * next / (1 - product * next));
    }

private:
    [[nodiscard]] double momentum(std::int64_t step) const {
        return betas[0] * (1 - .5 * std::pow(.96, static_cast<double>(step) * momentum_decay));
    }
};

const Register<Optimizer, Nadam> registration{
    {
        .kind = "optimizer",
        .name = "nadam",
        .summary = "Adam with Nesterov's look ahead.",
        .details = "mu_t = b1 (1 - 0.96^(t momentum_decay) / 2); x -= rate (mu_(t+1) m / (1 - mu_1..mu_(t+1)) + (1 - mu_t) g / (1 - "
                   "mu_1..mu_t)) / "
                   "(sqrt(v') + eps). Base rate 0.01. T. Dozat, \"Incorporating Nesterov momentum into Adam\", ICLR workshop 2016.",
        .example = "nadam: {betas: .9 .999}",
        .fields = {},
    },
    with_moment_fields<Nadam>({
        field("momentum_decay", &Nadam::momentum_decay, "0.004", "How fast the momentum reaches its full size.").at_least(0),
    })};

}  // namespace
}  // namespace clipig
