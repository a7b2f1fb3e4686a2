#include "ops/device_copy.h"

namespace clipig {

Tensor copy_to_device(const Tensor& numbers, const at::TensorOptions& options) {
    const auto wanted = options.requires_grad(false);
    if (!wanted.device().is_cuda() || !numbers.is_cpu()) return numbers.to(wanted);
    // only from pinned memory; that of PyTorch's allocator is not used again before the copy is done
    const auto type = c10::typeMetaToScalarType(wanted.dtype());
    return numbers.to(type).pin_memory().to(wanted.device(), type, /*non_blocking=*/true);
}

}  // namespace clipig
