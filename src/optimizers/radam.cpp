#include <cmath>

#include "optimizers/moments.h"

namespace clipig {
namespace {

struct Radam final : MomentOptimizer {
protected:
    void update(Tensor& parameter, const Tensor& gradient, std::vector<Tensor>& state, double rate, std::int64_t step) override {
        const auto t = static_cast<double>(step);
        const double kept = std::pow(betas[1], t);
        average(gradient, state);
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
    with_moment_fields<Radam>()};

}  // namespace
}  // namespace clipig
