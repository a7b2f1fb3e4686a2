// How an unbounded number becomes a colour 0..1, and back.
#pragma once

#include <string>

#include "ops/tensor.h"

namespace clipig {

enum class Range { none, clamp, sigmoid, tanh };

/// `none`, `clamp`, `sigmoid` or `tanh`, in any case; throws InputError for another word.
[[nodiscard]] Range range_named(const std::string& name);

/// v, clamp(v, 0, 1) with a gradient that can come back, 1 / (1 + exp(-v)), or (tanh v + 1) / 2. Any shape; differentiable.
[[nodiscard]] Tensor into_range(const Tensor& v, Range range);

/// The inverse. sigmoid and tanh reach 0 and 1 only at infinity, so the colours are first moved into 1/500 .. 1 - 1/500:
/// the way there and back is off by at most half of 1/255.
[[nodiscard]] Tensor out_of_range(const Tensor& colours, Range range);

/// 1 / slope of into_range at middle grey: what a learning rate is multiplied by for steps as large as without a range.
[[nodiscard]] double range_rate(Range range);

}  // namespace clipig
