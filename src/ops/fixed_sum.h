// Sums whose bytes do not depend on the number of threads.
#pragma once

#include "ops/tensor.h"

namespace clipig {

/// Sum of a * b over all elements, in double. Same shapes and dtype; contiguous float32 is summed without a copy.
[[nodiscard]] double dot_product(const Tensor& a, const Tensor& b);

/// Root of the mean square; 0 for nothing.
[[nodiscard]] double root_mean_square(const Tensor& values);

}  // namespace clipig
