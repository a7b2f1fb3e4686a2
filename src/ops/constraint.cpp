#include "ops/constraint.h"

#include "base/text.h"
#include "ops/colour.h"

namespace clipig {
namespace {

bool is_absolute(const std::string& loss) {
    const std::string name = lower(loss);
    return name == "l1" || name == "mae";
}

}  // namespace

Tensor Constraint::distance(const Tensor& a, const Tensor& b) const {
    const Tensor difference = a - b;
    return view_mean(is_absolute(loss) ? difference.abs() : difference.square());
}

Tensor BoundedConstraint::value(const Tensor& images, const ViewRandom&) const {
    const Tensor found = statistic(images);
    Tensor total = found.mul(0).sum(1);  // of the graph even without bounds
    const auto bound = [&](const Real3& wanted) { return per_channel(wanted, found).view({1, 3}); };
    if (above) total = total + distance(at::relu(bound(*above) - found), at::zeros_like(found));
    if (below) total = total + distance(at::relu(found - bound(*below)), at::zeros_like(found));
    return total * scale();
}

}  // namespace clipig
