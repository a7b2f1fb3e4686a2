// The picture before the first epoch.
#pragma once

#include "config/config.h"
#include "ops/tensor.h"

namespace clipig {

/// `init:` as an image [1,3,height,width] float32, 0..1: noise, a picture or given numbers, x std + mean, clamped.
/// Throws ConfigError at the parameter's place.
[[nodiscard]] Tensor initial_image(const Settings& init, std::uint64_t seed, std::int64_t width, std::int64_t height);

}  // namespace clipig
