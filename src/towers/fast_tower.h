// Image towers for the CPU that keep only what the gradient at the views needs, with packed weights.
#pragma once

#include <memory>

#include "towers/packed_matrix.h"
#include "towers/towers.h"

namespace clipig {

/// What a forward pass leaves for its backward pass.
class Tape {
public:
    virtual ~Tape() = default;
};

/// A network as two functions on raw memory. Both may be called from several threads.
class FastNetwork {
public:
    virtual ~FastNetwork() = default;
    /// views [N,3,S,S] float32 contiguous -> features [N,E] float32. A tape is returned when `keep`, else null.
    virtual std::unique_ptr<Tape> forward(std::int64_t count, const float* views, float* features, bool keep) const = 0;
    /// d features [N,E] -> d views [N,3,S,S], overwritten. May be called again with the same tape.
    virtual void backward(const Tape& tape, std::int64_t count, const float* d_features, float* d_views) const = 0;
    [[nodiscard]] virtual std::int64_t embedding() const = 0;
};

/// The network as one node of the autograd graph. Results are the same bits for any number of threads and any split of the batch.
[[nodiscard]] std::unique_ptr<ImageTower> make_fast_tower(std::shared_ptr<const FastNetwork> network, std::int64_t parameters);

[[nodiscard]] std::shared_ptr<const FastNetwork> make_fast_network(const VitWeights& weights, NumberType type);
[[nodiscard]] std::shared_ptr<const FastNetwork> make_fast_network(const ResNetWeights& weights, NumberType type);
[[nodiscard]] std::shared_ptr<const FastNetwork> make_fast_network(const SiglipWeights& weights, NumberType type);

/// A layer x W^T + b and its backward, from a float32 weight [out,in] and an optional bias.
struct PackedLayer {
    PackedLayer() = default;
    PackedLayer(const Tensor& weight, const Tensor& bias, NumberType type);
    PackedMatrix forward, backward;
};

}  // namespace clipig
