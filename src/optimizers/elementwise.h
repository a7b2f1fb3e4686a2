// What all optimisers share: named state tensors beside each parameter, and one loop over blocks of pixels.
#pragma once

#include <ATen/Parallel.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ops/optimizer.h"

namespace clipig {

/// An optimiser that treats each number by itself. The state tensors have the shape of their parameter and start at 0;
/// the state entry `step` is one int64 tensor without dimensions: how many steps were made.
class ElementwiseOptimizer : public Optimizer {
public:
    void step(std::vector<Tensor>& parameters, const std::vector<Tensor>& gradients, double rate) final;
    /// Empty before the first step.
    [[nodiscard]] std::map<std::string, std::vector<Tensor>> state() const final;
    /// Takes copies. Missing names mean: start afresh with this one. Throws Error for a name that this optimiser does not know.
    void set_state(std::map<std::string, std::vector<Tensor>> state) final;

protected:
    /// Names of the state tensors, in the order in which update() receives them. May depend on hyper-parameters.
    [[nodiscard]] virtual std::vector<std::string> names() const = 0;
    /// Change `parameter` and `state` in place; `step` counts from 1.
    virtual void update(Tensor& parameter, const Tensor& gradient, std::vector<Tensor>& state, double rate, std::int64_t step) = 0;

private:
    std::map<std::string, std::vector<Tensor>> tensors_;
    std::int64_t steps_ = 0;
};

/// Whether the fused loops may be used: contiguous float in the memory of the CPU.
[[nodiscard]] bool fusable(const Tensor& parameter, const Tensor& gradient, const std::vector<Tensor>& state);

/// Calls work(begin, end) for blocks of 0..count on all threads. Blocks end at fixed places, so that vectorised and
/// remaining elements are the same ones for any number of threads.
template <class Work>
void for_blocks(std::int64_t count, const Work& work) {
    constexpr std::int64_t kBlock = 16384;
    at::parallel_for(0, (count + kBlock - 1) / kBlock, 1, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t block = first; block < last; ++block) work(block * kBlock, std::min(count, (block + 1) * kBlock));
    });
}

}  // namespace clipig
