#include <cmath>

#include "optimizers/elementwise.h"

namespace clipig {
namespace {

struct Radam final : ElementwiseOptimizer {
    Real2 betas{0.9, 0.999};
    double eps = 1e-8;

    [[nodiscard]] double base_rate() const override { return 0.01; }
    [[nodiscard]] std::vector<std::string> non_negative() const override { return {"exp_avg_sq"}; }

protected:
    [[nodiscard]] std::vector<std::string> names() const override { return {"exp_avg", "exp_avg_sq"}; }

    void update(Tensor& parameter, const Tensor& gradient, std::vector<Tensor>& state, double rate, std::int64_t step) override {
        const auto t = static_cast<double>(step);
        const double kept = std::pow(betas[1], t);
        state[0].mul_(betas[0]).add_(gradient, 1 - betas[0]);
        state[1].mul_(betas[1]).addcmul_(gradient, gradient, 1 - betas[1]);
        const double size = rate / (1 - std::pow(betas[0], t));
        const double longest = 2 / (1 - betas[1]) - 1;
        const double length = longest - 2 * t * kept / (1 - kept);  // of the average that the second moment stands for
        if (length <= 5) {
            parameter.add_(state[0], -size);
            return;
        }
        const double rectified = std::sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length));
        parameter.addcdiv_(state[0], state[1].sqrt().add_(eps), -size * rectified * std::sqrt(1 - kept));
    }
};

const Register<Optimizer, Radam> registration{
    {
        .kind = "optimizer",
        .name = "radam",
        .summary = "Adam whose first steps are small, until its second moment can be trusted.",
        .details = "The first steps (5 with the default betas) follow the plain first moment, the others are Adam's times a factor that "
                   "grows to 1. "
                   "Base rate 0.01. L. Liu et al., \"On the variance of the adaptive learning rate and beyond\", arXiv:1908.03265.",
        .example = "radam: {betas: .9 .99}",
        .fields = {},
    },
    {
        field("betas", &Radam::betas, "0.9 0.999", "How much of the first and of the second moment each step keeps.")
            .at_least(0)
            .at_most(0.999999),
        field("eps", &Radam::eps, "1e-8", "Added to the root, against division by zero.").at_least(0),
    }};

}  // namespace
}  // namespace clipig
