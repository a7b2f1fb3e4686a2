#include "ops/constraint.h"

namespace clipig {
namespace {

struct RangeConstraint final : Constraint {
    double low = 0;
    double high = 1;

    [[nodiscard]] Tensor value(const Tensor& images, const ViewRandom&) const override {
        return distance(images, images.detach().clamp(low, high)) * 100;
    }
};

const RegisterConstraint<RangeConstraint> registration{
    {
        .kind = "constraint",
        .name = "range",
        .summary = "Holds the values within a range.",
        .details = "100 * loss(x, x clamped to low..high): nothing inside, and more the further outside.",
        .example = "range: {low: .1, high: .9}",
        .fields = {},
    },
    {
        field("low", &RangeConstraint::low, "0", "Smallest value that costs nothing.").sees(kConstraintGroups),
        field("high", &RangeConstraint::high, "1", "Largest value that costs nothing.").sees(kConstraintGroups),
    }};

}  // namespace
}  // namespace clipig
