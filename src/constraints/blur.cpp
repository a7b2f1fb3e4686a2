#include "ops/blur_kernel.h"
#include "ops/constraint.h"

namespace clipig {
namespace {

struct BlurConstraint final : Constraint, BlurSettings {
    [[nodiscard]] Tensor value(const Tensor& images, const ViewRandom&) const override {
        return distance(images, gaussian_blur(images, *this)) * 100;
    }
};

const RegisterConstraint<BlurConstraint> registration{
    {
        .kind = "constraint",
        .name = "blur",
        .summary = "Keeps the image smooth.",
        .details = "100 * loss(x, blur(x)); see the transform `blur` for kernel_size and sigma.",
        .example = "blur: {kernel_size: 5}",
        .fields = {},
    },
    blur_fields<BlurConstraint>(kConstraintGroups)};

}  // namespace
}  // namespace clipig
