// A picture of which only parts may be changed by what comes behind.
#pragma once

#include "ops/tensor.h"

namespace clipig {

/// images [N,C,H,W] as they are; on the way back the gradient is multiplied by mask, which broadcasts to it ([1,1,H,W]).
[[nodiscard]] Tensor mask_gradient(const Tensor& images, const Tensor& mask);

}  // namespace clipig
