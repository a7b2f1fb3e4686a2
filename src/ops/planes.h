// Between float planes, as picture files give and take them, and tensors.
#pragma once

#include "image/picture.h"
#include "ops/tensor.h"

namespace clipig {

/// Planes [3][H][W] as [1,3,H,W] float32 on the CPU; a copy.
[[nodiscard]] Tensor image_tensor(const Planes& planes);

/// [1,3,H,W] or [3,H,W] of any device as planes; a copy, values as they are.
[[nodiscard]] Planes image_planes(const Tensor& image);

}  // namespace clipig
