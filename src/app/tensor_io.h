// Pictures and .safetensors files as tensors, for the commands.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ops/tensor.h"

namespace clipig {

/// A picture as [1,3,H,W] float32 0..1, or the tensor `image` [3,H,W] of a .safetensors file. Throws InputError.
[[nodiscard]] Tensor read_image_tensor(const std::string& path);

/// [1,3,H,W] to a picture file (clamped to 0..1) or, named .safetensors, exactly as tensor `image` [3,H,W].
void write_image_tensor(const std::string& path, const Tensor& image);

/// float32 tensors to a .safetensors file.
void write_tensors(const std::string& path, const std::vector<std::pair<std::string, Tensor>>& tensors);

}  // namespace clipig
