// What lies beyond the ends of a line of pixels.
#pragma once

#include <cstdint>

#include "ops/tensor.h"

namespace clipig {

/// Index i of a line of `length` pixels reflected without repeating the edge, as often as needed: -1 -> 1, length -> length - 2.
[[nodiscard]] std::int64_t reflected(std::int64_t i, std::int64_t length);

/// Likewise the index in a line that begins anew at its end: -1 -> length - 1.
[[nodiscard]] std::int64_t wrapped(std::int64_t i, std::int64_t length);

/// `images` from `begin` to before `end` along `dimension`, in any type and on any device; both may lie outside, where `place` (i, length)
/// says which of the `length` pixels stands there. Differentiable.
[[nodiscard]] Tensor extended(const Tensor& images, std::int64_t dimension, std::int64_t begin, std::int64_t end,
                              std::int64_t (*place)(std::int64_t, std::int64_t));

}  // namespace clipig
