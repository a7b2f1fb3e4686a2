// What is done to the gradient at the pixels before it goes on to the parametrisation and the optimiser.
#pragma once

#include "engine/frame.h"
#include "ops/tensor.h"

namespace clipig {

/// The section `gradient` (nullptr: nothing to do): normalised first, then clipped. A gradient of zeros stays one.
[[nodiscard]] Tensor conditioned(const Tensor& gradient, const Settings* settings, const Frame& frame);

}  // namespace clipig
