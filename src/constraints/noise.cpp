#include "ops/colour.h"
#include "ops/constraint.h"

namespace clipig {
namespace {

struct NoiseConstraint final : Constraint {
    Real3 std{};

    [[nodiscard]] Tensor value(const Tensor& images, const ViewRandom& random) const override {
        const Tensor noise = random.normal(images.size(1), images.size(2), images.size(3), images);
        return distance(images, images + noise * per_channel(std, images)) * 100;
    }
};

const RegisterConstraint<NoiseConstraint> registration{
    {
        .kind = "constraint",
        .name = "noise",
        .summary = "Measures the distance to a noisy copy of the image.",
        .details = "100 * loss(x, x + n * std), where n is normal noise. The noise moves with x, so the value has no gradient: it "
                   "shows in the statistics and pulls nothing.",
        .example = "noise: {std: .1}",
        .fields = {},
        .aliases = {},
        .random = true,
    },
    {
        required("std", &NoiseConstraint::std, "Standard deviation of the noise in red, green and blue.").sees(kConstraintGroups),
    }};

}  // namespace
}  // namespace clipig
