// The one door to libtorch for operators: ATen only, because torch/torch.h costs seconds in every file.
#pragma once

#include <ATen/ATen.h>

namespace clipig {
using at::Tensor;
}
