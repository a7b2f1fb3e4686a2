#include "optimizers/elementwise.h"

namespace clipig {
namespace {

struct Lion final : ElementwiseOptimizer {
    Real2 betas{0.9, 0.99};
    double weight_decay = 0;

    [[nodiscard]] double base_rate() const override { return 0.003; }
    [[nodiscard]] std::vector<std::string> non_negative() const override { return {}; }

protected:
    [[nodiscard]] std::vector<std::string> names() const override { return {"exp_avg"}; }

    void update(Tensor& parameter, const Tensor& gradient, std::vector<Tensor>& state, double rate, std::int64_t) override {
        const Tensor direction = (state[0] * betas[0]).add_(gradient, 1 - betas[0]).sign_();
        parameter.mul_(1 - rate * weight_decay).sub_(direction, rate);
        state[0].mul_(betas[1]).add_(gradient, 1 - betas[1]);
    }
};

const Register<Optimizer, Lion> registration{
    {
        .kind = "optimizer",
        .name = "lion",
        .summary = "Steps of one size: only the sign of the momentum counts.",
        .details =
            "x -= rate (sign(b1 m + (1 - b1) g) + weight_decay x), then m = b2 m + (1 - b2) g. Base rate 0.003. X. Chen et al., \"Symbolic "
            "discovery of optimization algorithms\", arXiv:2302.06675.",
        .example = "lion: {betas: .9 .99}",
        .fields = {},
    },
    {
        field("betas", &Lion::betas, "0.9 0.99", "How much of the momentum counts in a step, and how much of it is kept.")
            .at_least(0)
            .at_most(0.999999),
        field("weight_decay", &Lion::weight_decay, "0", "Pulls all values towards 0."),
    }};

}  // namespace
}  // namespace clipig
