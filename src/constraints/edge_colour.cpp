#include <algorithm>

#include "ops/colour.h"
#include "ops/constraint.h"

namespace clipig {
namespace {

struct EdgeColourConstraint final : Constraint {
    Int2 size{1, 1};
    Real3 color{};

    [[nodiscard]] Tensor value(const Tensor& images, const ViewRandom&) const override {
        const std::int64_t height = images.size(2), width = images.size(3);
        const std::int64_t inner_width = std::max<std::int64_t>(0, width - 2 * size[0]);
        const std::int64_t inner_height = std::max<std::int64_t>(0, height - 2 * size[1]);
        const auto edge = static_cast<double>(height * width - inner_height * inner_width);
        if (edge == 0) return (images * 0).flatten(1).sum(1);
        return distance(images, paint_border(images, size, color)) * (100 * static_cast<double>(height * width) / edge);
    }
};

const RegisterConstraint<EdgeColourConstraint> registration{
    {
        .kind = "constraint",
        .name = "edge_colour",
        .summary = "Pulls the edge of the view towards a colour, as strongly for a thin edge as for a wide one.",
        .details = "100 * loss between the pixels of the edge and the colour, as a mean over the edge alone. `border` takes the mean over "
                   "the whole view.",
        .example = "edge_colour: {size: 2, color: 1}",
        .fields = {},
        .aliases = {"edge_color"},
    },
    {
        field("size", &EdgeColourConstraint::size, "1", "Width of the left and right edge, height of the upper and lower.")
            .at_least(0)
            .at_most(1 << 20)
            .unit("pixels")
            .sees(kConstraintGroups),
        field("color", &EdgeColourConstraint::color, "0", "Red, green and blue of the edge.").unit("0..1").sees(kConstraintGroups),
    }};

}  // namespace
}  // namespace clipig
