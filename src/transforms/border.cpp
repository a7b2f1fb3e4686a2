#include "ops/colour.h"
#include "ops/transform.h"

namespace clipig {
namespace {

struct Border final : Transform {
    Int2 size{1, 1};
    Real3 color{};

    [[nodiscard]] Tensor apply(const Tensor& images, const ViewRandom&) const override { return paint_border(images, size, color); }
};

const Register<Transform, Border> registration{
    {
        .kind = "transform",
        .name = "border",
        .summary = "Paints the edge of the image.",
        .details = "The outermost `size` pixels get the colour; the resolution stays.",
        .example = "border: {size: 2 3, color: .9 .5 .1}",
        .fields = {},
        .aliases = {},
        .keeps_resolution = true,
    },
    {
        field("size", &Border::size, "1", "Width of the left and right edge, height of the upper and lower.")
            .at_least(0)
            .unit("pixels")
            .sees(kTransformGroups),
        field("color", &Border::color, "0", "Red, green and blue of the edge.").unit("0..1").sees(kTransformGroups),
    }};

}  // namespace
}  // namespace clipig
