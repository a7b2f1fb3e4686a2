#include "ops/colour.h"
#include "ops/constraint.h"

namespace clipig {
namespace {

/// Mean of the chosen pixels of each plane, 0 where there are none: [N,3].
Tensor side_mean(const Tensor& images, const Tensor& chosen) {
    const auto sum = [](const Tensor& planes) { return planes.contiguous().sum(-1).sum(-1); };
    return sum(images * chosen) / sum(chosen.to(images.dtype())).clamp_min(1);
}

struct ContrastConstraint final : BoundedConstraint {
    [[nodiscard]] Tensor statistic(const Tensor& images) const override {
        const Tensor mean = plane_mean(images);
        const Tensor over = images > mean;
        const Tensor under = images < mean;
        return side_mean(images, over) - side_mean(images, under);
    }
    [[nodiscard]] double scale() const override { return 1; }
};

const RegisterConstraint<ContrastConstraint> registration{
    {
        .kind = "constraint",
        .name = "contrast",
        .summary = "Holds the contrast of each channel above or below a bound.",
        .details = "The loss between each bound and the mean of the pixels above the channel's mean minus the mean of those below "
                   "it; 0 for a plain channel. One-sided: a value past its bound costs nothing.",
        .example = "contrast: {above: .5}",
        .fields = {},
    },
    with_bounds<ContrastConstraint>("the contrast")};

}  // namespace
}  // namespace clipig
