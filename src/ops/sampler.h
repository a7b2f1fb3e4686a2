// Samples a batch of views from a canvas, once, for the output pixels only. Differentiable in the canvas.
#pragma once

#include "ops/geometry.h"
#include "ops/tensor.h"

namespace clipig {

/// images [M,3,H,W], float or double, M = 1 or geometry.views() (or anything when geometry.views() is 1) -> [N,3,h,w].
/// One image and N different maps give N views; M images and one map give M.
/// On the CPU the backward writes each canvas row from one thread, in the order of the views: the same bytes for any number
/// of threads. Time follows the views' size; only the zero-filled gradient itself is as large as the canvas.
/// When `images` is a leaf whose gradient is defined already, backward() on the CPU adds to that tensor in place, view after view:
/// no second canvas, and the same bytes however views are split into batches. (So torch::autograd::grad() is not for such leaves.)
[[nodiscard]] Tensor sample_views(const Tensor& images, const ViewGeometry& geometry);

namespace detail {

/// The two halves without autograd, on the CPU.
[[nodiscard]] Tensor sample_forward_cpu(const Tensor& images, const ViewGeometry& geometry);
[[nodiscard]] Tensor sample_backward_cpu(const Tensor& gradient, const ViewGeometry& geometry, std::int64_t canvases);
/// Adds to `result` [canvases,3,H,W] instead.
void add_backward_cpu(const Tensor& gradient, const ViewGeometry& geometry, const Tensor& result);
/// The same with ATen operations, for any device; the backward sums without atomics.
[[nodiscard]] Tensor sample_forward_device(const Tensor& images, const ViewGeometry& geometry);
[[nodiscard]] Tensor sample_backward_device(const Tensor& gradient, const ViewGeometry& geometry, std::int64_t canvases);

}  // namespace detail
}  // namespace clipig
