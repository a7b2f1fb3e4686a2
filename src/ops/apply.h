// Runs a list of transforms over a picture.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "ops/tensor.h"
#include "ops/transform.h"

namespace clipig {

/// On which views a transform with a `p` acts: drawn for each view from a stream of its own, so that the operator's other draws are
/// those that it has without `p`.
[[nodiscard]] std::vector<bool> acting_views(double probability, const ViewRandom& random);

/// images [1 or N,3,H,W] -> [1 or N,3,h,w] as Transform::apply, one transform after the other; runs of geometric transforms
/// are composed and sampled once (see ops/geometry.h). Transform i draws from the stream op = random.op + i. A null entry is a transform
/// that is not scheduled now. Views that a transform's `p` misses pass it unchanged. An empty list gives the images themselves.
/// With `side` the result is for a model that wants side x side: where the last transforms are geometric and interpolate, the resize to
/// that size may be part of their map. Otherwise the size is that of the transforms.
[[nodiscard]] Tensor apply_transforms(std::span<const std::unique_ptr<Transform>> transforms, const Tensor& images,
                                      const ViewRandom& random, std::int64_t side = 0);

}  // namespace clipig
