// Resizing of whole pictures.
#pragma once

#include <cstdint>
#include <string>

#include "ops/tensor.h"

namespace clipig {

/// images [N,3,H,W], float or double -> [N,3,height,width]; differentiable; same bytes for any number of threads.
/// interpolation: nearest, linear or cubic (Keys, a = -1/2), pixel centres aligned at i + 1/2, weights at the border
/// renormalised; antialias widens the kernel where a side shrinks: the filters of PIL and of torch's antialias=True.
/// Throws InputError for another interpolation or a size below 1.
[[nodiscard]] Tensor resize_images(const Tensor& images, std::int64_t height, std::int64_t width, const std::string& interpolation,
                                   bool antialias);

}  // namespace clipig
