#include <cmath>

#include "optimizers/elementwise.h"

namespace clipig {
namespace {

struct Nadam final : ElementwiseOptimizer {
    Real2 betas{0.9, 0.999};
    double eps = 1e-8;
    double momentum_decay = 0.004;

    [[nodiscard]] double base_rate() const override { return 0.01; }
    [[nodiscard]] std::vector<std::string> non_negative() const override { return {"exp_avg_sq"}; }

protected:
    [[nodiscard]] std::vector<std::string> names() const override { return {"exp_avg", "exp_avg_sq"}; }

    void update(Tensor& parameter, const Tensor& gradient, std::vector<Tensor>& state, double rate, std::int64_t step) override {
        const double now = momentum(step), next = momentum(step + 1);
        double product = 1;
        for (std::int64_t t = 1; t <= step; ++t) product *= momentum(t);
        state[0].mul_(betas[0]).add_(gradient, 1 - betas[0]);
        state[1].mul_(betas[1]).addcmul_(gradient, gradient, 1 - betas[1]);
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
    {
        field("betas", &Nadam::betas, "0.9 0.999", "How much of the first and of the second moment each step keeps.")
            .at_least(0)
            .at_most(0.999999),
        field("eps", &Nadam::eps, "1e-8", "Added to the root, against division by zero.").at_least(0),
        field("momentum_decay", &Nadam::momentum_decay, "0.004", "How fast the momentum reaches its full size.").at_least(0),
    }};

}  // namespace
}  // namespace clipig
