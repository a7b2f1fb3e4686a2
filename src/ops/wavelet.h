// Orthogonal wavelets of pictures, periodic at the border.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ops/tensor.h"

namespace clipig {

/// The low-pass filter of `haar`, `db2` or `db3`: 2, 4 or 6 numbers with square sum 1 and sum sqrt(2). I. Daubechies, "Orthonormal
/// bases of compactly supported wavelets", 1988. Throws InputError for another name.
[[nodiscard]] std::vector<double> wavelet_filter(const std::string& name);

/// pictures [...,H,W] -> the same shape: the coarse picture in the upper left corner, details around it, level by level.
/// H and W are multiples of 2^levels. Orthonormal: the sum of squares stays.
[[nodiscard]] Tensor wavelet_split(const Tensor& pictures, int levels, const std::vector<double>& filter);

/// Its inverse. Differentiable.
[[nodiscard]] Tensor wavelet_join(const Tensor& coefficients, int levels, const std::vector<double>& filter);

}  // namespace clipig
