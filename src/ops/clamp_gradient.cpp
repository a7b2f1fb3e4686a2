#include "ops/clamp_gradient.h"

#include <torch/csrc/autograd/custom_function.h>

namespace clipig {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

struct ClampGradient : torch::autograd::Function<ClampGradient> {
    static Variable forward(AutogradContext* context, const Variable& x, double low, double high) {
        context->save_for_backward({x});
        context->saved_data["low"] = low;
        context->saved_data["high"] = high;
        return x.clamp(low, high);
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients) {
        const Tensor x = context->get_saved_variables()[0];
        const double low = context->saved_data["low"].toDouble();
        const double high = context->saved_data["high"].toDouble();
        const Tensor& gradient = gradients[0];
        const Tensor blocked = (x < low).logical_and(gradient > 0).logical_or((x > high).logical_and(gradient < 0));
        return {gradient.masked_fill(blocked, 0), Variable(), Variable()};
    }
};

}  // namespace

Tensor clamp_gradient(const Tensor& x, double low, double high) { return ClampGradient::apply(x, low, high); }

}  // namespace clipig
