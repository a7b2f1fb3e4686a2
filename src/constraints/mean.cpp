#include "ops/colour.h"
#include "ops/constraint.h"

namespace clipig {
namespace {

struct MeanConstraint final : BoundedConstraint {
    [[nodiscard]] Tensor statistic(const Tensor& images) const override { return plane_mean(images).flatten(1); }
};

const RegisterConstraint<MeanConstraint> registration{
    {
        .kind = "constraint",
        .name = "mean",
        .summary = "Holds the mean of each channel above or below a bound.",
        .details = "100 * loss between the channel means and each given bound. One-sided: a value past its bound costs nothing.",
        .example = "mean: {above: .1 .2 .3}",
        .fields = {},
    },
    with_bounds<MeanConstraint>("the mean")};

}  // namespace
}  // namespace clipig
