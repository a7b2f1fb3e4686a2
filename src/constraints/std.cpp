#include <algorithm>

#include "ops/colour.h"
#include "ops/constraint.h"

namespace clipig {
namespace {

struct StdConstraint final : BoundedConstraint {
    [[nodiscard]] Tensor statistic(const Tensor& images) const override {
        const auto degrees = static_cast<double>(std::max<std::int64_t>(1, images.size(2) * images.size(3) - 1));
        const Tensor squares = (images - plane_mean(images)).square().contiguous();
        const Tensor variance = squares.sum(-1).sum(-1) / degrees;
        const Tensor varies = variance > 0;  // the gradient of a root is infinite at 0
        return at::where(varies, variance, at::ones_like(variance)).sqrt() * varies;
    }
};

const RegisterConstraint<StdConstraint> registration{
    {
        .kind = "constraint",
        .name = "std",
        .summary = "Holds the standard deviation of each channel above or below a bound.",
        .details = "100 * loss between the standard deviations (divided by n - 1; 0 for a single pixel) and each given bound. "
                   "One-sided: a value past its bound costs nothing.",
        .example = "std: {above: .2}",
        .fields = {},
    },
    with_bounds<StdConstraint>("the standard deviation")};

}  // namespace
}  // namespace clipig
