#include "ops/colour.h"
#include "ops/constraint.h"

namespace clipig {
namespace {

constexpr double kPlain = 1e-6;  // a smaller range is rounding: stretching it would only amplify that

struct NormalizeConstraint final : Constraint {
    Real3 min{0, 0, 0};
    Real3 max{1, 1, 1};

    [[nodiscard]] Tensor value(const Tensor& images, const ViewRandom&) const override {
        const Tensor low = images.amin({2, 3}, true);
        const Tensor range = images.amax({2, 3}, true) - low;
        const Tensor plain = range < kPlain;
        const Tensor wanted = per_channel({max[0] - min[0], max[1] - min[1], max[2] - min[2]}, images);
        const Tensor stretched = (images - low) / at::where(plain, at::ones_like(range), range) * wanted + per_channel(min, images);
        return distance(images, at::where(plain, images, stretched)) * 10;
    }
};

const RegisterConstraint<NormalizeConstraint> registration{
    {
        .kind = "constraint",
        .name = "normalize",
        .summary = "Pulls each channel towards using a whole range.",
        .details = "10 * loss(x, x stretched so that its lowest value is min and its highest max). A channel of one single value "
                   "cannot be stretched and costs nothing.",
        .example = "normalize: {min: .1, max: .9}",
        .fields = {},
    },
    {
        field("min", &NormalizeConstraint::min, "0", "Wanted lowest value of red, green and blue.").unit("0..1").sees(kConstraintGroups),
        field("max", &NormalizeConstraint::max, "1", "Wanted highest value of red, green and blue.").unit("0..1").sees(kConstraintGroups),
    }};

}  // namespace
}  // namespace clipig
