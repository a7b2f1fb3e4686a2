// The discrete cosine transform of pictures.
#pragma once

#include "ops/tensor.h"

namespace clipig {

/// Orthonormal DCT-II of the last two dimensions of [...,H,W], by one complex FFT for each direction. Differentiable.
/// J. Makhoul, "A fast cosine transform in one and two dimensions", 1980.
[[nodiscard]] Tensor dct2(const Tensor& pictures);

/// Its inverse, which is also its transpose.
[[nodiscard]] Tensor inverse_dct2(const Tensor& coefficients);

}  // namespace clipig
