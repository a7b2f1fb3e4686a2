// RMSprop, which two optimisers share with other defaults.
#pragma once

#include "optimizers/elementwise.h"

namespace clipig {

/// s = alpha s + (1 - alpha) g^2; centered: a = alpha a + (1 - alpha) g and s - a^2 instead of s; the step is g / (sqrt(s) + eps),
/// with momentum b = momentum b + step. Hinton, Neural Networks for Machine Learning, lecture 6e; Graves, arXiv:1308.0850.
class RmspropUpdate : public ElementwiseOptimizer {
public:
    double alpha = 0.99;
    double eps = 1e-8;
    double momentum = 0;
    bool centered = false;
    double weight_decay = 0;

    [[nodiscard]] std::vector<std::string> non_negative() const override { return {"square_avg"}; }

protected:
    [[nodiscard]] std::vector<std::string> names() const override { return {"square_avg", "grad_avg", "momentum_buffer"}; }
    void update(Tensor& parameter, const Tensor& gradient, std::vector<Tensor>& state, double rate, std::int64_t step) override;

private:
    void update_floats(Tensor& parameter, const Tensor& gradient, std::vector<Tensor>& state, double rate) const;
};

/// The fields of an optimiser Op that derives from RmspropUpdate.
template <class Op>
[[nodiscard]] std::vector<Field<Op>> rmsprop_fields(const std::string& momentum, const std::string& centered) {
    std::vector<Field<Op>> fields;
    fields.push_back(
        field_of<Op>("alpha", &RmspropUpdate::alpha, "0.99", "How much of the running averages each step keeps.").at_least(0).at_most(1));
    fields.push_back(field_of<Op>("eps", &RmspropUpdate::eps, "1e-8", "Added to the root, against division by zero.").at_least(0));
    fields.push_back(field_of<Op>("momentum", &RmspropUpdate::momentum, momentum, "How much of its speed each pixel keeps.").at_least(0));
    fields.push_back(
        field_of<Op>("centered", &RmspropUpdate::centered, centered, "Divide by the variance of the gradient instead of its square."));
    fields.push_back(field_of<Op>("weight_decay", &RmspropUpdate::weight_decay, "0", "Pulls all values towards 0."));
    return fields;
}

}  // namespace clipig
