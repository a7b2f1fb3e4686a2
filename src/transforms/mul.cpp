#include "ops/colour.h"
#include "ops/transform.h"

namespace clipig {
namespace {

struct Mul final : Transform {
    Real3 color{};

    [[nodiscard]] Tensor apply(const Tensor& images, const ViewRandom&) const override { return images * per_channel(color, images); }
};

const Register<Transform, Mul> registration{
    {
        .kind = "transform",
        .name = "mul",
        .summary = "Multiplies every pixel by a colour.",
        .details = "x * color, not clamped.",
        .example = "mul: 1/5",
        .fields = {},
        .aliases = {},
        .keeps_resolution = true,
    },
    {
        required("color", &Mul::color, "What red, green and blue are multiplied by.").sees(kTransformGroups),
    }};

}  // namespace
}  // namespace clipig
