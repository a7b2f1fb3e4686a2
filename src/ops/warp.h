// Views whose pixels come from anywhere: bends and perspectives, which no affine map can do.
#pragma once

#include <string>

#include "ops/tensor.h"
#include "ops/transform.h"

namespace clipig {

/// positions [N,H',W',2] of sources: x and y where 0..1 is the whole picture, in double. images [1 or N,3,H,W] -> [N,3,H',W'], linear
/// between pixels. border: mirror, edge or black. On the CPU each view is one thread's work: the same bytes for any number.
[[nodiscard]] Tensor warp(const Tensor& images, const Tensor& positions, const std::string& border);

/// [1,H,W,2]: where warp would leave each pixel.
[[nodiscard]] Tensor resting_positions(std::int64_t height, std::int64_t width);

/// One number for each view: [N,1,1,1] in `like`'s dtype and device.
[[nodiscard]] Tensor view_numbers(const std::vector<double>& numbers, const Tensor& like);

/// For each view a uniform number within the bounds, or `otherwise` for all but a share p of the views.
[[nodiscard]] std::vector<double> drawn_numbers(const ViewRandom& random, const Real2& bounds, double p, double otherwise);

}  // namespace clipig
