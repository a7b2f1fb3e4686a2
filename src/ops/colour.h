// Colours as tensors, and means whose bytes do not depend on the number of threads.
#pragma once

#include "ops/fields.h"
#include "ops/tensor.h"

namespace clipig {

/// A colour as [1,3,1,1] in `like`'s dtype and device.
[[nodiscard]] Tensor per_channel(const Real3& colour, const Tensor& like);

/// [N,3,H,W] -> [N,1,H,W]: 0.2989 R + 0.587 G + 0.114 B, the luma of ITU-R BT.601 as torchvision rounds it.
[[nodiscard]] Tensor grey(const Tensor& images);

/// factor * images + (1 - factor) * other, clamped to 0..1.
[[nodiscard]] Tensor blend(const Tensor& images, const Tensor& other, double factor);

/// [N,C,H,W] -> [N,C,1,1]: mean of each plane.
[[nodiscard]] Tensor plane_mean(const Tensor& images);

/// [N,...] -> [N]: mean of each view. ATen splits a reduction to one number among threads, so a whole picture is
/// reduced row by row: the same bytes for any number of threads.
[[nodiscard]] Tensor view_mean(const Tensor& values);

/// images [1 or N,...] -> [N,...]. Unlike a broadcast, whose gradient is summed in an order that depends on the number of
/// threads, the gradients of the views are added one after the other.
[[nodiscard]] Tensor repeat_views(const Tensor& images, std::int64_t views);

/// values [N,1,1,1] -> like `images` [N,3,H,W], expanded so that the gradient is summed row by row, as in view_mean.
[[nodiscard]] Tensor spread_over(const Tensor& values, const Tensor& images);

/// images [N,3,H,W] with an edge of `size` = {width, height} pixels painted in `colour`. Sizes beyond half of the image paint all of it.
[[nodiscard]] Tensor paint_border(const Tensor& images, const Int2& size, const Real3& colour);

}  // namespace clipig
