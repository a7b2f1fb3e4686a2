// Numbers made on the host, on their way to where the pictures are.
#pragma once

#include "ops/tensor.h"

namespace clipig {

/// `numbers` in the type and on the device of `options`. From the CPU to a GPU the copy takes its turn: the host does not wait for
/// it, nor for the work that was given out before. Else it is `numbers.to(options)`.
[[nodiscard]] Tensor copy_to_device(const Tensor& numbers, const at::TensorOptions& options);

}  // namespace clipig
