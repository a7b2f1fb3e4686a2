#include "ops/mask_gradient.h"

#include <torch/csrc/autograd/custom_function.h>

namespace clipig {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

struct MaskGradient : torch::autograd::Function<MaskGradient> {
    static Variable forward(AutogradContext* context, const Variable& images, const Variable& mask) {
        context->save_for_backward({mask});
        return images.view_as(images);
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients) {
        const Tensor mask = context->get_saved_variables()[0];
        return {gradients[0] * mask.to(gradients[0].options()), Variable()};
    }
};

}  // namespace

Tensor mask_gradient(const Tensor& images, const Tensor& mask) { return MaskGradient::apply(images, mask.detach()); }

}  // namespace clipig
