#include "ops/colour.h"
#include "ops/constraint.h"

namespace clipig {
namespace {

struct BorderConstraint final : Constraint {
    Int2 size{1, 1};
    Real3 color{};

    [[nodiscard]] Tensor value(const Tensor& images, const ViewRandom&) const override {
        return distance(images, paint_border(images, size, color)) * 100;
    }
};

const RegisterConstraint<BorderConstraint> registration{
    {
        .kind = "constraint",
        .name = "border",
        .summary = "Pulls the edge of the image towards a colour.",
        .details = "100 * loss(x, x with its outermost `size` pixels in the colour).",
        .example = "border: {size: 3, color: .15 .1 .05}",
        .fields = {},
    },
    {
        field("size", &BorderConstraint::size, "1", "Width of the left and right edge, height of the upper and lower.")
            .at_least(0)
            .unit("pixels")
            .sees(kConstraintGroups),
        field("color", &BorderConstraint::color, "0", "Red, green and blue of the edge.").unit("0..1").sees(kConstraintGroups),
    }};

}  // namespace
}  // namespace clipig
