// The gradient of one epoch: views of all targets through the models, losses, and back to the picture.
#pragma once

#include <functional>
#include <vector>

#include "engine/frame.h"
#include "engine/models.h"
#include "engine/target.h"

namespace clipig {

struct StepResult {
    double loss = 0;
    std::int64_t views = 0;
    Tensor gradient;                   ///< d loss / d image, [1,3,H,W]; undefined when no target is active
    std::vector<TargetStats> targets;  ///< one for each target of the configuration
};

/// How many views (at least 1) go through the models together, for the targets that act in an epoch.
using BatchChoice = std::function<std::int64_t(const std::vector<TargetFrame>& targets)>;

/// Loss and gradient of the training image [1,3,H,W] in one epoch. The views are pushed through in batches of at most
/// `batch`; the gradient is that of the whole, on the CPU to the bit where views are sampled from the image itself (ops/sampler.h).
/// Throws NotFiniteError (engine/diagnose.h) for a loss or gradient that is not finite.
[[nodiscard]] StepResult evaluate_step(std::vector<Target>& targets, const RunModels& models, const Tensor& image, const Frame& frame,
                                       const BatchChoice& batch);

}  // namespace clipig
