// What the optimisers of the Adam family share: running averages of the gradient and of its square.
#pragma once

#include "optimizers/elementwise.h"

namespace clipig {

/// state[0] is m = b1 m + (1 - b1) g, state[1] is v = b2 v + (1 - b2) g^2.
class MomentOptimizer : public ElementwiseOptimizer {
public:
    Real2 betas{0.9, 0.999};
    double eps = 1e-8;

    [[nodiscard]] double base_rate() const override { return 0.01; }
    [[nodiscard]] std::vector<std::string> non_negative() const override { return {"exp_avg_sq"}; }

protected:
    [[nodiscard]] std::vector<std::string> names() const override { return {"exp_avg", "exp_avg_sq"}; }

    void average(const Tensor& gradient, std::vector<Tensor>& state) const {
        state[0].mul_(betas[0]).add_(gradient, 1 - betas[0]);
        state[1].mul_(betas[1]).addcmul_(gradient, gradient, 1 - betas[1]);
    }
};

/// The fields of an optimiser Op that derives from MomentOptimizer, before `more`.
template <class Op>
[[nodiscard]] std::vector<Field<Op>> with_moment_fields(std::vector<Field<Op>> more = {}) {
    std::vector<Field<Op>> fields;
    fields.push_back(
        field_of<Op>("betas", &MomentOptimizer::betas, "0.9 0.999", "How much of the first and of the second moment each step keeps.")
            .at_least(0)
            .at_most(0.999999));
    fields.push_back(field_of<Op>("eps", &MomentOptimizer::eps, "1e-8", "Added to the root, against division by zero.").at_least(0));
    for (Field<Op>& field : more) fields.push_back(std::move(field));
    return fields;
}

}  // namespace clipig
