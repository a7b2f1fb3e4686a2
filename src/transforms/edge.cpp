#include "ops/blur_kernel.h"
#include "ops/colour.h"
#include "ops/transform.h"

namespace clipig {
namespace {

struct Edge final : Transform, BlurSettings {
    Real3 amount{1, 1, 1};

    [[nodiscard]] Tensor apply(const Tensor& images, const ViewRandom&) const override {
        return (images - gaussian_blur(images, *this)).abs() * per_channel(amount, images);
    }
};

std::vector<Field<Edge>> edge_fields() {
    auto fields = blur_fields<Edge>(kTransformGroups);
    fields.push_back(
        field("amount", &Edge::amount, "1", "What the edges of red, green and blue are multiplied by.").sees(kTransformGroups));
    fields.push_back(blur_wrap_field<Edge>());
    return fields;
}

const Register<Transform, Edge> registration{{
                                                 .kind = "transform",
                                                 .name = "edge",
                                                 .summary = "Shows the edges only.",
                                                 .details = "amount * abs(x - blur(x)); see `blur` for kernel_size, sigma and wrap.",
                                                 .example = "edge: {kernel_size: 3, amount: 2}",
                                                 .fields = {},
                                                 .aliases = {},
                                                 .keeps_resolution = true,
                                             },
                                             edge_fields()};

}  // namespace
}  // namespace clipig
