#include "ops/colour.h"
#include "ops/transform.h"

namespace clipig {
namespace {

struct Add final : Transform {
    Real3 color{};

    [[nodiscard]] Tensor apply(const Tensor& images, const ViewRandom&) const override { return images + per_channel(color, images); }
};

const Register<Transform, Add> registration{
    {
        .kind = "transform",
        .name = "add",
        .summary = "Adds a colour to every pixel.",
        .details = "x + color, not clamped.",
        .example = "add: .1 .2 -.3",
        .fields = {},
        .aliases = {},
        .keeps_resolution = true,
    },
    {
        required("color", &Add::color, "What is added to red, green and blue.").sees(kTransformGroups),
    }};

}  // namespace
}  // namespace clipig
