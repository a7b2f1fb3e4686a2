// The towers of a CLIP as plain ATen code: the reference that every fast path is checked against.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "ops/tensor.h"
#include "towers/architecture.h"

namespace clipig {

class WeightTable;

/// An image tower. Its weights require no gradient, so autograd computes none for them.
class ImageTower {
public:
    virtual ~ImageTower() = default;
    /// views [N,3,S,S], already normalised by mean and deviation, float32 -> [N,E] float32. Differentiable in views.
    [[nodiscard]] virtual Tensor forward(const Tensor& views) const = 0;
    /// Number of weights.
    [[nodiscard]] virtual std::int64_t parameters() const = 0;
};

/// Where and in which type a plain tower computes.
struct Placement {
    at::Device device = at::kCPU;
    at::ScalarType type = at::kFloat;
    /// The type of features: float32, or float64 when computing in that (tests do).
    [[nodiscard]] at::ScalarType output() const { return type == at::kDouble ? at::kDouble : at::kFloat; }
};

struct BlockWeights {
    Tensor norm1_weight, norm1_bias, norm2_weight, norm2_bias;  ///< [W]
    Tensor qkv_weight, qkv_bias;                                ///< [3W,W], [3W], rows in the order q, k, v
    Tensor out_weight, out_bias;                                ///< [W,W], [W]
    Tensor up_weight, up_bias;                                  ///< [H,W], [H]
    Tensor down_weight, down_bias;                              ///< [W,H], [W]
};

/// Blocks with LayerScale folded into the projections that it follows: gamma (W x + b) = (gamma W) x + gamma b.
struct TransformerWeights {
    TransformerShape shape;
    std::vector<BlockWeights> blocks;
};
[[nodiscard]] TransformerWeights take_transformer(WeightTable& table, const std::string& prefix, const TransformerShape& shape);

struct VitWeights {
    Architecture net;
    Tensor patch;                    ///< [W,3,p,p]
    Tensor class_embedding, places;  ///< [W], [1+g*g,W]
    Tensor pre_weight, pre_bias, post_weight, post_bias;
    TransformerWeights transformer;
    Tensor projection;  ///< [W,E]
};
[[nodiscard]] VitWeights take_vit(WeightTable& table, const Architecture& net);

struct SiglipWeights {
    Architecture net;
    Tensor patch, patch_bias;  ///< [W,3,p,p], [W]
    Tensor places;             ///< [g*g,W]
    TransformerWeights transformer;
    Tensor post_weight, post_bias;                                              ///< [W]
    Tensor latent;                                                              ///< [1,W], the query of the pool
    Tensor qkv_weight, qkv_bias, out_weight, out_bias;                          ///< [3W,W], [3W], [W,W], [W]
    Tensor norm_weight, norm_bias, up_weight, up_bias, down_weight, down_bias;  ///< of the pool's feed-forward part
};
[[nodiscard]] SiglipWeights take_siglip(WeightTable& table, const Architecture& net);

/// A convolution without padding for 1x1 and padding 1 for 3x3; batch norm folded into weight and bias (in double).
struct Convolution {
    Tensor weight, bias;
    std::int64_t stride = 1;
};
struct Bottleneck {
    Convolution reduce, middle, expand;  ///< 1x1, 3x3, 1x1
    bool pooled = false;                 ///< 2x2 average after the middle, and before the shortcut's convolution
    bool has_shortcut = false;
    Convolution shortcut;
};
struct ResNetWeights {
    Architecture net;
    std::array<Convolution, 3> stem;
    std::vector<Bottleneck> blocks;
    Tensor places;                                                                    ///< [1+g*g,C]
    Tensor query_weight, query_bias, key_weight, key_bias, value_weight, value_bias;  ///< [C,C], [C]
    Tensor out_weight, out_bias;                                                      ///< [E,C], [E]
};
[[nodiscard]] ResNetWeights take_resnet(WeightTable& table, const Architecture& net);

struct TextWeights {
    Architecture net;
    Tensor tokens, places;  ///< [vocabulary,W], [context,W]
    TransformerWeights transformer;
    Tensor post_weight, post_bias;       ///< [W]
    Tensor projection, projection_bias;  ///< [W,E], [E] or undefined
};
[[nodiscard]] TextWeights take_text(WeightTable& table, const Architecture& net);

[[nodiscard]] std::unique_ptr<ImageTower> make_plain_tower(const VitWeights& weights, const Placement& placement);
[[nodiscard]] std::unique_ptr<ImageTower> make_plain_tower(const ResNetWeights& weights, const Placement& placement);
[[nodiscard]] std::unique_ptr<ImageTower> make_plain_tower(const SiglipWeights& weights, const Placement& placement);

/// ids [T,context] int64 -> [T,E] float32, in the type and on the device of the weights; differentiable in the weights that ask for it.
[[nodiscard]] Tensor run_text(const TextWeights& weights, const Tensor& ids);

class TextTower {
public:
    TextTower(const TextWeights& weights, const Placement& placement);
    /// ids [T,context] int64 -> [T,E] float32, no gradient. The row of the end token (SigLIP: the last row) is the embedding.
    [[nodiscard]] Tensor forward(const Tensor& ids) const;
    [[nodiscard]] std::int64_t parameters() const;

private:
    TextWeights weights_;
    Placement placement_;
};

[[nodiscard]] Tensor activate(const Tensor& x, Activation activation);

/// x [N,L,W] through the blocks; `mask` [L,L] is added to the attention logits, undefined for none.
[[nodiscard]] Tensor run_transformer(const TransformerWeights& weights, Tensor x, const Tensor& mask);
[[nodiscard]] TransformerWeights placed(const TransformerWeights& weights, const Placement& placement);
[[nodiscard]] std::int64_t count_parameters(const TransformerWeights& weights);

/// The plain attention pool of a ResNet: features [N,C,h,w] -> [N,E].
[[nodiscard]] Tensor attention_pool(const ResNetWeights& weights, const Tensor& features);

}  // namespace clipig
