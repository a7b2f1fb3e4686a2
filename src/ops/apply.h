// Runs a list of transforms over a picture.
#pragma once

#include <memory>
#include <span>

#include "ops/tensor.h"
#include "ops/transform.h"

namespace clipig {

/// images [1 or N,3,H,W] -> [1 or N,3,h,w] as Transform::apply, one transform after the other; runs of geometric transforms
/// are composed and sampled once (see ops/geometry.h). Transform i draws from the stream op = random.op + i.
/// An empty list gives the images themselves.
[[nodiscard]] Tensor apply_transforms(std::span<const std::unique_ptr<Transform>> transforms, const Tensor& images, const ViewRandom& random);

}  // namespace clipig
