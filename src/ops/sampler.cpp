#include "ops/sampler.h"

#include <fmt/format.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/memory.h"

namespace clipig {
namespace {

/// Carries the chain of maps from the forward to the backward, and what the gradient is added to, if there is something.
struct GeometryHolder : torch::CustomClassHolder {
    GeometryHolder(const ViewGeometry& g, Tensor sum) : geometry(g), running(std::move(sum)) {}
    ViewGeometry geometry;
    Tensor running;
};

/// The gradient of a picture that is a leaf and has one already: on the CPU views are added to it one by one.
Tensor running_gradient(const Tensor& images) {
    return images.is_cpu() && images.is_leaf() && images.requires_grad() && images.grad().defined() && images.grad().is_contiguous()
               ? images.grad()
               : Tensor();
}

struct SampleFunction : torch::autograd::Function<SampleFunction> {
    static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& images, const c10::IValue& holder) {
        const auto& geometry = static_cast<const GeometryHolder&>(*holder.toCapsule()).geometry;
        context->saved_data["geometry"] = holder;
        context->saved_data["canvases"] = images.size(0);
        return images.is_cpu() ? detail::sample_forward_cpu(images, geometry) : detail::sample_forward_device(images, geometry);
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients) {
        const auto holder = context->saved_data["geometry"].toCapsule();
        const auto& held = static_cast<const GeometryHolder&>(*holder);
        const std::int64_t canvases = context->saved_data["canvases"].toInt();
        const auto& gradient = gradients[0];
        if (held.running.defined()) {
            detail::add_backward_cpu(gradient, held.geometry, held.running);
            return {Tensor(), Tensor()};
        }
        return {gradient.is_cpu() ? detail::sample_backward_cpu(gradient, held.geometry, canvases)
                                  : detail::sample_backward_device(gradient, held.geometry, canvases),
                Tensor()};
    }
};

}  // namespace

constexpr double kSurelyThere = 64.0 * 1024 * 1024;  // bytes; asking the system costs more than such a batch

Tensor sample_views(const Tensor& images, const ViewGeometry& geometry) {
    TORCH_INTERNAL_ASSERT(images.dim() == 4 && images.size(1) == 3 && images.size(2) == geometry.input_height() &&
                          images.size(3) == geometry.input_width());
    TORCH_INTERNAL_ASSERT(images.size(0) == 1 || geometry.views() == 1 || images.size(0) == geometry.views());
    if (geometry.stages().empty()) return images;
    if (images.size(2) > INT32_MAX || images.size(3) > INT32_MAX) throw InputError("the picture is larger than 2^31 pixels on a side");
    const double views = static_cast<double>(std::max(images.size(0), geometry.views()));
    const double pixels = static_cast<double>(geometry.width()) * static_cast<double>(geometry.height());
    // the views, what is kept for the gradient, and the gradient itself
    const double bytes = 3 * views * 3 * pixels * static_cast<double>(images.element_size());
    if (bytes > kSurelyThere) {
        require_memory(
            bytes, fmt::format("{}: {} views of {} x {} pixels", geometry.stages().back().name, views, geometry.width(), geometry.height()),
            "make them smaller, or take fewer of them");
    }
    return SampleFunction::apply(images,
                                 c10::IValue::make_capsule(c10::make_intrusive<GeometryHolder>(geometry, running_gradient(images))));
}

}  // namespace clipig
