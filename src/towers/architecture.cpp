#include "towers/architecture.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "towers/model_config.h"
#include "towers/weight_table.h"

namespace clipig {
namespace {

constexpr std::int64_t kHeadWidth = 64;  // of every network of OpenAI's; shapes do not show it

/// The number of different path elements that follow `prefix`.
std::int64_t count_children(const WeightTable& table, const std::string& prefix) {
    std::set<std::string> children;
    for (const std::string& name : table.names()) {
        if (name.rfind(prefix, 0) == 0) children.insert(name.substr(prefix.size(), name.find('.', prefix.size()) - prefix.size()));
    }
    return static_cast<std::int64_t>(children.size());
}

/// One dimension of a tensor that must have `rank` of them.
std::int64_t dimension(const WeightTable& table, const std::string& name, std::size_t rank, std::size_t index) {
    const Shape shape = table.shape(name);
    if (shape.size() != rank) {
        throw InputError(table.where() + ": tensor `" + name + "` has shape " + show_shape(shape) + "; it should have " +
                         std::to_string(rank) + " dimensions");
    }
    return shape[index];
}

std::int64_t square_root(const WeightTable& table, const std::string& name, std::int64_t count) {
    const auto root = static_cast<std::int64_t>(std::llround(std::sqrt(static_cast<double>(count))));
    if (root < 1 || root * root != count) {
        throw InputError(table.where() + ": tensor `" + name + "` has " + std::to_string(count) +
                         " places beside the class token's, which is no square");
    }
    return root;
}

std::int64_t heads_for(const WeightTable& table, const char* tower, std::int64_t width, std::optional<std::int64_t> heads,
                       std::int64_t head_width = kHeadWidth) {
    const std::int64_t count = heads.value_or(width / head_width);
    if (count < 1 || width % count != 0) {
        throw InputError(table.where() + ": the " + tower + " tower is " + std::to_string(width) + " wide, which " + std::to_string(count) +
                         " heads do not divide");
    }
    return count;
}

TransformerShape transformer_shape(const WeightTable& table, const std::string& prefix) {
    TransformerShape shape;
    shape.width = dimension(table, prefix + "0.ln_1.weight", 1, 0);
    shape.hidden = dimension(table, prefix + "0.mlp.c_fc.weight", 2, 0);
    shape.layers = count_children(table, prefix);
    shape.layer_scale = table.has(prefix + "0.ls_1.gamma");
    return shape;
}

void infer_vit(Architecture& net, const WeightTable& table, const ModelConfig& config) {
    net.vision = transformer_shape(table, "visual.transformer.resblocks.");
    net.patch = dimension(table, "visual.conv1.weight", 4, 3);
    const std::string places = "visual.positional_embedding";
    net.view_size = net.patch * square_root(table, places, dimension(table, places, 2, 0) - 1);
    std::optional<std::int64_t> heads = config.vision_heads;
    if (!heads && config.vision_head_width) heads = net.vision.width / std::max<std::int64_t>(1, *config.vision_head_width);
    net.vision.heads = heads_for(table, "image", net.vision.width, heads, usual_head_width(net.vision.width));
    net.vision.epsilon = config.vision_epsilon.value_or(net.vision.epsilon);
}

void infer_resnet(Architecture& net, const WeightTable& table, const ModelConfig& config) {
    for (std::size_t stage = 0; stage < 4; ++stage) {
        net.stages[stage] = count_children(table, "visual.layer" + std::to_string(stage + 1) + ".");
        if (net.stages[stage] == 0)
            throw InputError(table.where() + ": no CLIP that is known here: neither `visual.proj` nor `visual.layer" +
                             std::to_string(stage + 1) + "`");
    }
    net.stem_width = dimension(table, "visual.layer1.0.conv1.weight", 4, 0);
    const std::string places = "visual.attnpool.positional_embedding";
    net.view_size = 32 * square_root(table, places, dimension(table, places, 2, 0) - 1);
    std::optional<std::int64_t> heads = config.vision_heads;
    if (!heads && config.vision_head_width) heads = net.pool_width() / std::max<std::int64_t>(1, *config.vision_head_width);
    net.pool_heads = heads_for(table, "image", net.pool_width(), heads);
}

void infer_text(Architecture& net, const WeightTable& table, const ModelConfig& config) {
    net.text = transformer_shape(table, "transformer.resblocks.");
    net.text.heads = heads_for(table, "text", net.text.width, config.text_heads);
    net.text.epsilon = config.text_epsilon.value_or(net.text.epsilon);
    net.context = dimension(table, "positional_embedding", 2, 0);
    net.vocabulary = dimension(table, "token_embedding.weight", 2, 0);
    net.text_projection_bias = table.has("text_projection.weight");
    net.end_token = config.end_token;
}

/// timm's activation for the published SigLIP towers: the tanh approximation in some of the second series (timm, vision_transformer.py).
Activation siglip_activation(const Architecture& net) {
    const std::int64_t width = net.vision.width;
    const bool tanh = net.patch == 32 || (width == 1024 && net.view_size >= 512) || (width == 1152 && net.patch == 16) || width == 1536;
    return tanh ? Activation::gelu_tanh : Activation::gelu;
}

}  // namespace

std::int64_t usual_head_width(std::int64_t width) {
    // ViT-SO400M, -H, -g, giant-opt and -bigG: all have 16 heads
    for (const std::int64_t known : {1152, 1280, 1408, 1536, 1664}) {
        if (width == known) return width / 16;
    }
    return kHeadWidth;
}

Architecture infer_siglip(const WeightTable& table, const ModelConfig& config) {
    constexpr double kEpsilon = 1e-6;
    Architecture net;
    net.attention_pooled = true;
    net.vision = transformer_shape(table, "visual.transformer.resblocks.");
    net.patch = dimension(table, "visual.conv1.weight", 4, 3);
    const std::string places = "visual.positional_embedding";
    const std::int64_t grid = square_root(table, places, dimension(table, places, 2, 0));
    net.view_size = net.patch * grid;
    // views of 384 in patches of 14: the last 6 pixels are not looked at
    if (config.view_size && *config.view_size / net.patch == grid) net.view_size = *config.view_size;
    net.vision.heads = heads_for(table, "image", net.vision.width, config.vision_heads, usual_head_width(net.vision.width));
    net.vision.epsilon = config.vision_epsilon.value_or(kEpsilon);
    net.vision.activation = config.vision_activation.value_or(siglip_activation(net));
    net.pool_hidden = dimension(table, "visual.attn_pool.mlp.c_fc.weight", 2, 0);
    infer_text(net, table, config);
    net.text.heads = heads_for(table, "text", net.text.width, config.text_heads, usual_head_width(net.text.width));
    net.text.epsilon = config.text_epsilon.value_or(kEpsilon);
    constexpr std::int64_t kGemmaVocabulary = 256000;  // of the second series, whose text towers have the tanh approximation
    const bool second = net.vocabulary == kGemmaVocabulary;
    net.text.activation = config.text_activation.value_or(second ? Activation::gelu_tanh : Activation::gelu);
    net.causal = false;
    net.pool_last = true;
    net.end_token.reset();
    net.embedding = net.vision.width;
    net.mean = config.mean.value_or(std::array<double, 3>{.5, .5, .5});
    net.deviation = config.deviation.value_or(std::array<double, 3>{.5, .5, .5});
    net.interpolation = config.interpolation.value_or("bicubic");
    net.resize_mode = config.resize_mode.value_or("squash");
    net.logit_scale = table.scalar("logit_scale");
    net.logit_bias = table.scalar("logit_bias");
    return net;
}

std::optional<bool> quick_gelu_by_name(const std::string& name) {
    std::string plain = name;
    std::replace(plain.begin(), plain.end(), '/', '-');
    std::replace(plain.begin(), plain.end(), '@', '-');
    const std::size_t colon = plain.rfind(':');
    const std::string network = plain.substr(0, colon);
    const std::string tag = colon == std::string::npos ? "openai" : plain.substr(colon + 1);
    static const std::set<std::string> kOpenAi{"RN50",     "RN101",    "RN50x4",   "RN50x16",        "RN50x64",
                                               "ViT-B-32", "ViT-B-16", "ViT-L-14", "ViT-L-14-336px", "ViT-L-14-336"};
    if (tag == "openai") return kOpenAi.count(network) ? std::optional<bool>(true) : std::nullopt;
    if (network == "hf") return std::nullopt;  // `hf:org/name` always has a configuration
    if (network.find("quickgelu") != std::string::npos) return true;
    static const std::set<std::string> kQuick{"yfcc15m",       "cc12m",           "laion400m_e31", "laion400m_e32",
                                              "metaclip_400m", "metaclip_fullcc", "dfn2b",         "dfn5b"};
    const bool laion400m = tag.rfind("laion400m", 0) == 0;
    if (laion400m) return network == "ViT-B-32";  // the larger ones of that series were trained with GELU
    return kQuick.count(tag) != 0;
}

std::string Architecture::common_name() const {
    if (!vit) {
        struct Known {
            std::array<std::int64_t, 4> stages;
            std::int64_t width;
            const char* name;
        };
        static const std::vector<Known> kKnown{{{3, 4, 6, 3}, 64, "RN50"},
                                               {{3, 4, 23, 3}, 64, "RN101"},
                                               {{4, 6, 10, 6}, 80, "RN50x4"},
                                               {{6, 8, 18, 8}, 96, "RN50x16"},
                                               {{3, 15, 36, 10}, 128, "RN50x64"}};
        for (const Known& known : kKnown) {
            if (known.stages == stages && known.width == stem_width) return known.name;
        }
        return "ResNet " + show_shape({stages.begin(), stages.end()}) + " width " + std::to_string(stem_width);
    }
    struct Known {
        std::int64_t width, layers;
        const char* name;
    };
    static const std::vector<Known> kKnown{{768, 12, "ViT-B/"},    {1024, 24, "ViT-L/"}, {1152, 27, "ViT-SO400M/"},
                                           {1280, 32, "ViT-H/"},   {1408, 40, "ViT-g/"}, {1536, 40, "ViT-giant-opt/"},
                                           {1664, 48, "ViT-bigG/"}};
    const std::string kind = attention_pooled ? "SigLIP " : "";
    for (const Known& known : kKnown) {
        if (known.width == vision.width && known.layers == vision.layers) return kind + known.name + std::to_string(patch);
    }
    return kind + "ViT of width " + std::to_string(vision.width) + ", " + std::to_string(vision.layers) + " layers, patch " +
           std::to_string(patch);
}

Architecture infer_architecture(const WeightTable& table, const ModelConfig& config, const std::string& name) {
    if (table.has("visual.attn_pool.latent")) return infer_siglip(table, config);
    Architecture net;
    net.logit_scale = table.scalar("logit_scale");
    net.logit_bias = table.scalar("logit_bias");
    net.vit = table.has("visual.proj");
    if (net.vit) {
        infer_vit(net, table, config);
    } else {
        infer_resnet(net, table, config);
    }
    infer_text(net, table, config);
    net.embedding = net.vit ? dimension(table, "visual.proj", 2, 1) : dimension(table, "visual.attnpool.c_proj.weight", 2, 0);
    const Activation unsaid = quick_gelu_by_name(name).value_or(true) ? Activation::quick_gelu : Activation::gelu;
    net.vision.activation = config.vision_activation.value_or(unsaid);
    net.text.activation = config.text_activation.value_or(unsaid);
    net.mean = config.mean.value_or(net.mean);
    net.deviation = config.deviation.value_or(net.deviation);
    net.interpolation = config.interpolation.value_or(net.interpolation);
    net.resize_mode = config.resize_mode.value_or(net.resize_mode);
    return net;
}

}  // namespace clipig
