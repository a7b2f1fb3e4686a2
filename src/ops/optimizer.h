// Optimisers change parameters by gradients, in place; their state can be saved, loaded and resampled.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "ops/registry.h"
#include "ops/tensor.h"

namespace clipig {

/// State of one optimiser over a list of parameters. One instance lives for a whole run.
class Optimizer {
public:
    virtual ~Optimizer() = default;
    /// The base rate that `learnrate` multiplies: adam 0.01, sgd 10, ...
    [[nodiscard]] virtual double base_rate() const = 0;
    /// parameter[i] is changed in place by gradient[i] (same shape) with the rate learnrate * learnrate_scale * base_rate().
    virtual void step(std::vector<Tensor>& parameters, const std::vector<Tensor>& gradients, double rate) = 0;
    /// Named state tensors of each parameter (`exp_avg`, ...) and `step`; the tensors are the live ones.
    [[nodiscard]] virtual std::map<std::string, std::vector<Tensor>> state() const = 0;
    virtual void set_state(std::map<std::string, std::vector<Tensor>> state) = 0;
    /// Names of state entries that must stay >= 0 when they are resampled with the picture (second moments).
    [[nodiscard]] virtual std::vector<std::string> non_negative() const = 0;
};

}  // namespace clipig
