#include "base/text.h"
#include "ops/constraint.h"

namespace clipig {
namespace {

struct SymmetryConstraint final : Constraint {
    std::string axis;

    [[nodiscard]] Tensor value(const Tensor& images, const ViewRandom&) const override {
        const std::string word = lower(axis);
        Tensor total = images.new_zeros({images.size(0)});
        if (word != "horizontal") total = total + distance(images, images.flip({3}));
        if (word != "vertical") total = total + distance(images, images.flip({2}));
        return total * 100;
    }
};

const RegisterConstraint<SymmetryConstraint> registration{
    {
        .kind = "constraint",
        .name = "symmetry",
        .summary = "Pulls the picture towards its mirror image.",
        .details = "100 * loss(x, x mirrored at the axis). Works on views: give it a target without random transforms, or its axis moves.",
        .example = "symmetry: {axis: vertical}",
        .fields = {},
    },
    {
        field("axis", &SymmetryConstraint::axis, "vertical", "vertical: left is like right; horizontal: top is like bottom; both.")
            .choices({"vertical", "horizontal", "both"}),
    }};

}  // namespace
}  // namespace clipig
