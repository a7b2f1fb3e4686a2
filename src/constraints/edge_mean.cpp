#include "ops/blur_kernel.h"
#include "ops/colour.h"
#include "ops/constraint.h"

namespace clipig {
namespace {

struct EdgeMeanConstraint final : BoundedConstraint, BlurSettings {
    [[nodiscard]] Tensor statistic(const Tensor& images) const override {
        return plane_mean((images - gaussian_blur(images, *this)).abs()).flatten(1);
    }
};

const RegisterConstraint<EdgeMeanConstraint> registration{
    {
        .kind = "constraint",
        .name = "edge_mean",
        .summary = "Holds the strength of edges above or below a bound.",
        .details = "100 * loss between the mean of abs(x - blur(x)) of each channel and each given bound; see the transform "
                   "`blur` for kernel_size and sigma. One-sided: a value past its bound costs nothing.",
        .example = "edge_mean: {above: .05}",
        .fields = {},
    },
    with_bounds<EdgeMeanConstraint>("the mean edge", blur_fields<EdgeMeanConstraint>(kConstraintGroups))};

}  // namespace
}  // namespace clipig
