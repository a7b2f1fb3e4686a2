// The sizes and rules of one CLIP network: read off its tensors, refined by the configuration beside the weights.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace clipig {

/// The nonlinearity of the feed-forward part of a transformer block.
enum class Activation {
    quick_gelu,  ///< x sigmoid(1.702 x), OpenAI's own
    gelu,        ///< x Phi(x), exact
    gelu_tanh    ///< the tanh approximation of GELU
};

/// Stack of pre-norm blocks: x + attention(norm x), x + mlp(norm x).
struct TransformerShape {
    std::int64_t width = 0;
    std::int64_t layers = 0;
    std::int64_t heads = 0;
    std::int64_t hidden = 0;  ///< units of the feed-forward part; four times width in OpenAI's networks
    Activation activation = Activation::quick_gelu;
    double epsilon = 1e-5;  ///< of the layer norms
    bool layer_scale = false;
};

struct Architecture {
    bool vit = true;
    std::int64_t view_size = 0;
    std::int64_t embedding = 0;

    TransformerShape vision;               ///< ViT only
    std::int64_t patch = 0;                ///< ViT only: side of a patch in pixels
    bool attention_pooled = false;         ///< ViT only: SigLIP's, without a class token, pooled by attention
    std::int64_t pool_hidden = 0;          ///< SigLIP only: units of the pool's feed-forward part
    std::array<std::int64_t, 4> stages{};  ///< ResNet only: bottlenecks per stage
    std::int64_t stem_width = 0;           ///< ResNet only: channels after the stem
    std::int64_t pool_heads = 0;           ///< ResNet only: heads of the attention pool

    TransformerShape text;
    std::int64_t context = 0;
    std::int64_t vocabulary = 0;
    bool text_projection_bias = false;
    std::optional<std::int64_t> end_token;  ///< pool at the first of these; absent: at the largest id
    bool causal = true;                     ///< no token sees those after it; false in SigLIP
    bool pool_last = false;                 ///< pool at the last place, whatever token is there: SigLIP

    /// Of the training loss, when the file has them: similarity = exp(logit_scale) * cosine + logit_bias, of which SigLIP takes a
    /// sigmoid. Kept to be shown; no loss here needs them.
    std::optional<double> logit_scale, logit_bias;

    std::array<double, 3> mean{0.48145466, 0.4578275, 0.40821073};
    std::array<double, 3> deviation{0.26862954, 0.26130258, 0.27577711};
    std::string interpolation = "bicubic";  ///< for pictures that are resized to views: bicubic, bilinear
    std::string resize_mode = "shortest";   ///< shortest (crop the centre), squash, longest

    [[nodiscard]] std::int64_t grid() const { return vit ? view_size / patch : view_size / 32; }
    [[nodiscard]] std::int64_t pool_width() const { return stem_width * 32; }
    /// `ViT-B/32`, `RN50`, or the sizes for a network that has no common name.
    [[nodiscard]] std::string common_name() const;
};

/// True when a model of this name (`ViT-B/32`, `ViT-B-32:laion400m_e32`) was trained with QuickGELU, false when with GELU,
/// nothing when the name is not known. Source: the tags of open_clip's pretrained.py.
[[nodiscard]] std::optional<bool> quick_gelu_by_name(const std::string& name);

class WeightTable;
struct ModelConfig;

/// Read the sizes off the tensors (as OpenAI's build_model does) and refine them by the configuration. What shapes cannot tell
/// and no configuration says: heads are 64 wide, norms have epsilon 1e-5, the activation follows the name, else QuickGELU.
/// Throws InputError when the tensors are no CLIP that is known here.
[[nodiscard]] Architecture infer_architecture(const WeightTable& table, const ModelConfig& config, const std::string& name);

/// infer_architecture() for the towers of SigLIP: timm's ViT with attention pooling and a text tower that sees all tokens.
/// Unsaid: heads as timm's networks of that width have them, epsilon 1e-6, mean and deviation .5, squashed.
[[nodiscard]] Architecture infer_siglip(const WeightTable& table, const ModelConfig& config);

/// How wide a head of a ViT image tower of this width is in the published networks; 64 for all others.
[[nodiscard]] std::int64_t usual_head_width(std::int64_t width);

}  // namespace clipig
