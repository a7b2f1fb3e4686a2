// Losses between embeddings: how far a view is from a feature.
#pragma once

#include "ops/registry.h"
#include "ops/tensor.h"

namespace clipig {

class Loss {
public:
    virtual ~Loss() = default;
    /// views [N,E] and feature [E] or [N,E], both of norm 1 -> [N]. Differentiable in views.
    [[nodiscard]] virtual Tensor value(const Tensor& views, const Tensor& feature) const = 0;
};

}  // namespace clipig
