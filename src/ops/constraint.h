// Constraints are losses on the pixels of a view.
#pragma once

#include <string>

#include "ops/registry.h"
#include "ops/tensor.h"
#include "ops/transform.h"

namespace clipig {

/// `loss: l2|mse|l1|mae` of a constraint: mean squared or mean absolute difference.
class Constraint {
public:
    virtual ~Constraint() = default;
    /// images [N,3,H,W] sRGB -> [N]: one value for each view, without the weight. Differentiable.
    [[nodiscard]] virtual Tensor value(const Tensor& images, const ViewRandom& random) const = 0;

    double weight = 1;           ///< read by the engine
    std::string loss = "l2";

protected:
    /// Mean over all but the first dimension of |a-b| or (a-b)^2, as `loss` says: [N].
    [[nodiscard]] Tensor distance(const Tensor& a, const Tensor& b) const;
};

}  // namespace clipig
