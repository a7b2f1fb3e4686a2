// Pictures changed a little so that a network errs: how much its gradients and its judgements can be trusted.
#pragma once

#include "ops/tensor.h"
#include "towers/clip_model.h"

namespace clipig::mini {

/// The views after one step up a loss with this gradient: of an L2 length between a half of `length` and all of it, chosen for each view
/// at `seed` and `epoch`, kept in 0..1. Both [N,3,S,S].
[[nodiscard]] Tensor attacked_once(const Tensor& views, const Tensor& gradient, double length, std::uint64_t seed, std::uint32_t epoch);

/// Projected gradient ascent in the L2 ball (Madry et al., "Towards deep learning models resistant to adversarial attacks", 2018) on the
/// cross entropy of each view's own caption among all: `steps` steps of 2.5 length / steps, no random start. captions [T,E] of length 1,
/// own [N] int64.
[[nodiscard]] Tensor attacked(const ClipModel& model, const Tensor& views, const Tensor& captions, const Tensor& own, double length,
                              int steps);

}  // namespace clipig::mini
