// Pictures that a run keeps beside the one it works on: the running average (`ema`) and the best so far (`keep_best`).
#pragma once

#include <cstdint>

#include "ops/tensor.h"

namespace clipig {

/// Part of a run's state. The tensors are never changed in place, so copies may share them.
struct KeptPictures {
    Tensor average;             ///< [1,3,H,W], not clamped; undefined without one
    std::int64_t averaged = 0;  ///< pictures in it
    Tensor best;                ///< [1,3,H,W]; undefined before the first epoch
    double best_loss = 0;       ///< its smoothed loss
    double smooth_loss = 0;
    std::int64_t smoothed = 0;  ///< losses in it

    /// average = d average + (1 - d) picture with d = min(decay, (1 + n) / (10 + n)) after n pictures, so that the noise of the beginning
    /// is soon forgotten. A picture of another size: the average is resampled.
    void add(const Tensor& picture, double decay);

    /// The picture and the loss that it had. The smoothed loss is the mean of the first ten, then .9 of the old one and .1 of the new;
    /// a picture of another size than the best begins anew.
    void judge(const Tensor& picture, double loss);

    void forget_average();
    void forget_best();
};

}  // namespace clipig
