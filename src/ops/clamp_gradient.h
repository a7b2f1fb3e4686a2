// A clamp that lets gradients bring a value back.
#pragma once

#include "ops/tensor.h"

namespace clipig {

/// clamp(x, low, high) of any shape. The gradient passes inside the range, and outside of it only where a step against
/// the gradient moves x towards the range: grad * (x - clamp(x)) >= 0.
/// (The idea is known as ClampWithGrad, from K. Crowson's notebooks, 2021.)
[[nodiscard]] Tensor clamp_gradient(const Tensor& x, double low, double high);

}  // namespace clipig
