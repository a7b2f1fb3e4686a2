#include "ops/colour.h"
#include "ops/constraint.h"

namespace clipig {
namespace {

struct SaturationConstraint final : BoundedConstraint {
    [[nodiscard]] Tensor statistic(const Tensor& images) const override {
        const Tensor middle = (images.narrow(1, 0, 1) + images.narrow(1, 1, 1) + images.narrow(1, 2, 1)) / 3;
        return plane_mean((images - middle).abs()).flatten(1);
    }
};

const RegisterConstraint<SaturationConstraint> registration{
    {
        .kind = "constraint",
        .name = "saturation",
        .summary = "Holds the saturation of each channel above or below a bound.",
        .details = "100 * loss between the mean of abs(x - g) of each channel, where g is the mean of the three channels at that "
                   "pixel, and each given bound. One-sided: a value past its bound costs nothing.",
        .example = "saturation: {below: .1}",
        .fields = {},
    },
    with_bounds<SaturationConstraint>("the saturation")};

}  // namespace
}  // namespace clipig
