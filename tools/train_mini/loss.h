// What the network is asked to get right.
#pragma once

#include "batch.h"
#include "model.h"

namespace clipig::mini {

struct Loss {
    Tensor total;         ///< [] with gradient
    double contrast = 0;  ///< its contrastive part
    double right = 0;     ///< share of the pictures whose own caption is the nearest of the batch
};

/// The symmetric contrastive loss of CLIP over the batch, in which captions that fit another picture too are not counted against
/// it, plus `weight` times the mean cross entropy of pictures and captions against one vector per thing (Movshovitz-Attias et al.,
/// "No fuss distance metric learning using proxies", 2017): hundreds of negatives for the price of a matrix.
[[nodiscard]] Loss loss_of(const Batch& batch, const Tensor& views, const Tensor& texts, const Model& model, double weight);

}  // namespace clipig::mini
