#include "ops/blur_kernel.h"
#include "ops/transform.h"

namespace clipig {
namespace {

struct Blur final : Transform, BlurSettings {
    [[nodiscard]] Tensor apply(const Tensor& images, const ViewRandom&) const override { return gaussian_blur(images, *this); }
};

std::vector<Field<Blur>> all_fields() {
    auto fields = blur_fields<Blur>(kTransformGroups);
    fields.push_back(blur_wrap_field<Blur>());
    return fields;
}

const Register<Transform, Blur> registration{
    {
        .kind = "transform",
        .name = "blur",
        .summary = "Gaussian blur.",
        .details = "The weights exp(-x^2 / (2 sigma^2)), divided by their sum, horizontally and then vertically; pixels outside "
                   "are reflected at the edge, or those of the opposite side. Without sigma: 0.3 ((kernel_size - 1) / 2 - 1) + 0.8. Sigma "
                   "is at least 0.0001.",
        .example = "blur: {kernel_size: 5}",
        .fields = {},
        .aliases = {},
        .keeps_resolution = true,
    },
    all_fields()};

}  // namespace
}  // namespace clipig
