// AdamW over one flat array, with the running mean of the weights: Loshchilov and Hutter, "Decoupled weight decay", 2019.
#pragma once

#include <vector>

#include "model.h"
#include "settings.h"

namespace clipig::mini {

struct AdamState {
    Tensor first, second;                  ///< [all] moments
    Tensor mean_weights, mean_statistics;  ///< [all] running means: what is exported
};

/// Learning rate of update `step` (from 0): linear warm-up, then half a cosine down to `final_rate`.
[[nodiscard]] double learning_rate(const Settings& settings, std::int64_t step);

class AdamW {
public:
    AdamW(Model& model, const Settings& settings);
    /// `gradients` as Model::parameters(); undefined ones are zero. Returns the norm of all gradients before it was cut.
    double update(const std::vector<Tensor>& gradients, std::int64_t step);
    [[nodiscard]] AdamState& state() { return state_; }

private:
    struct Rule;
    void move_on_processor(const Rule& rule);
    void move_on_device(const Rule& rule);

    Model& model_;
    Settings settings_;
    AdamState state_;
    Tensor gradient_;
};

}  // namespace clipig::mini
