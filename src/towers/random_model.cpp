#include "towers/random_model.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.h"
#include "base/random.h"
#include "towers/weight_table.h"

namespace clipig {
namespace {

/// Draws tensors one after the other.
class Maker {
public:
    explicit Maker(std::uint64_t seed) : seed_(seed) {}

    void normal(const std::string& name, const Shape& shape, double scale, double mean = 0) {
        Tensor tensor = at::empty(shape);
        fill_normal({.seed = seed_, .op = index_++}, tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel()));
        list.push_back({name, tensor.mul_(scale).add_(mean)});
    }
    void norm(const std::string& name, std::int64_t width) {
        normal(name + ".weight", {width}, 0.1, 1);
        normal(name + ".bias", {width}, 0.1);
    }
    void linear(const std::string& name, std::int64_t out, std::int64_t in, double scale) {
        normal(name + "weight", {out, in}, scale);
        normal(name + "bias", {out}, 0.02);
    }
    /// He's initialisation for a convolution, and batch norm statistics near those of its output.
    void convolution(const std::string& name, const std::string& norm_name, const Shape& shape) {
        const double inputs = static_cast<double>(shape[1] * shape[2] * shape[3]);
        normal(name + ".weight", shape, std::sqrt(2 / inputs));
        norm(norm_name, shape[0]);
        normal(norm_name + ".running_mean", {shape[0]}, 0.1);
        normal(norm_name + ".running_var", {shape[0]}, 0.05, 1);
        list.back().tensor.clamp_(0.5);
    }

    std::vector<NamedTensor> list;

private:
    std::uint64_t seed_;
    std::uint32_t index_ = 0;
};

void add_transformer(Maker& maker, const std::string& prefix, const TransformerShape& shape) {
    const auto width = shape.width;
    const double inner = 1 / std::sqrt(static_cast<double>(width)), outer = inner / std::sqrt(2.0 * static_cast<double>(shape.layers));
    for (std::int64_t i = 0; i < shape.layers; ++i) {
        const std::string at = prefix + std::to_string(i) + ".";
        maker.norm(at + "ln_1", width);
        maker.linear(at + "attn.in_proj_", 3 * width, width, inner);
        maker.linear(at + "attn.out_proj.", width, width, outer);
        maker.norm(at + "ln_2", width);
        maker.linear(at + "mlp.c_fc.", shape.hidden, width, 1 / std::sqrt(2.0 * static_cast<double>(width)));
        maker.linear(at + "mlp.c_proj.", width, shape.hidden, outer);
    }
}

void add_vit(Maker& maker, const Architecture& net) {
    const auto width = net.vision.width;
    const double scale = 1 / std::sqrt(static_cast<double>(width));
    maker.normal("visual.conv1.weight", {width, 3, net.patch, net.patch}, 1 / std::sqrt(3.0 * static_cast<double>(net.patch * net.patch)));
    maker.normal("visual.class_embedding", {width}, scale);
    maker.normal("visual.positional_embedding", {1 + net.grid() * net.grid(), width}, scale);
    maker.norm("visual.ln_pre", width);
    add_transformer(maker, "visual.transformer.resblocks.", net.vision);
    maker.norm("visual.ln_post", width);
    maker.normal("visual.proj", {width, net.embedding}, scale);
}

void add_siglip(Maker& maker, const Architecture& net) {
    const auto width = net.vision.width;
    const double scale = 1 / std::sqrt(static_cast<double>(width));
    maker.linear("visual.conv1.", width, 3 * net.patch * net.patch, 1 / std::sqrt(3.0 * static_cast<double>(net.patch * net.patch)));
    Tensor& patch = maker.list[maker.list.size() - 2].tensor;
    patch = patch.view({width, 3, net.patch, net.patch});
    maker.normal("visual.positional_embedding", {net.grid() * net.grid(), width}, scale);
    add_transformer(maker, "visual.transformer.resblocks.", net.vision);
    maker.norm("visual.ln_post", width);
    const std::string pool = "visual.attn_pool.";
    maker.normal(pool + "latent", {1, width}, 1);
    maker.linear(pool + "in_proj_", 3 * width, width, scale);
    maker.linear(pool + "out_proj.", width, width, scale);
    maker.norm(pool + "ln", width);
    maker.linear(pool + "mlp.c_fc.", net.pool_hidden, width, scale);
    maker.linear(pool + "mlp.c_proj.", width, net.pool_hidden, 1 / std::sqrt(static_cast<double>(net.pool_hidden)));
}

void add_resnet(Maker& maker, const Architecture& net) {
    const auto width = net.stem_width, pool = net.pool_width();
    maker.convolution("visual.conv1", "visual.bn1", {width / 2, 3, 3, 3});
    maker.convolution("visual.conv2", "visual.bn2", {width / 2, width / 2, 3, 3});
    maker.convolution("visual.conv3", "visual.bn3", {width, width / 2, 3, 3});
    std::int64_t in = width;
    for (std::size_t stage = 0; stage < 4; ++stage) {
        const auto planes = width << stage;
        for (std::int64_t i = 0; i < net.stages[stage]; ++i, in = 4 * planes) {
            const std::string at = "visual.layer" + std::to_string(stage + 1) + "." + std::to_string(i) + ".";
            maker.convolution(at + "conv1", at + "bn1", {planes, in, 1, 1});
            maker.convolution(at + "conv2", at + "bn2", {planes, planes, 3, 3});
            maker.convolution(at + "conv3", at + "bn3", {4 * planes, planes, 1, 1});
            maker.list[maker.list.size() - 4].tensor.mul_(0.3);  // the branch's gain: keeps the sum of many blocks of order one
            if (i == 0) maker.convolution(at + "downsample.0", at + "downsample.1", {4 * planes, in, 1, 1});
        }
    }
    const double scale = 1 / std::sqrt(static_cast<double>(pool));
    maker.normal("visual.attnpool.positional_embedding", {1 + net.grid() * net.grid(), pool}, scale);
    for (const char* name : {"q_proj.", "k_proj.", "v_proj."}) maker.linear(std::string("visual.attnpool.") + name, pool, pool, scale);
    maker.linear("visual.attnpool.c_proj.", net.embedding, pool, scale);
}

TensorInfo info_of(const NamedTensor& weight) {
    const auto* bytes = static_cast<const std::byte*>(weight.tensor.data_ptr());
    return {weight.name,
            DataType::f32,
            weight.tensor.sizes().vec(),
            weight.tensor.strides().vec(),
            {bytes, static_cast<std::size_t>(weight.tensor.nbytes())}};
}

class MemoryFile : public TensorFile {
public:
    explicit MemoryFile(std::vector<NamedTensor> weights) : weights_(std::move(weights)) {
        format_ = "memory";
        for (const NamedTensor& weight : weights_) tensors_.push_back(info_of(weight));
        std::sort(tensors_.begin(), tensors_.end(), [](const TensorInfo& a, const TensorInfo& b) { return a.name < b.name; });
    }

private:
    std::vector<NamedTensor> weights_;
};

Architecture with_text(Architecture net, std::int64_t width, std::int64_t layers, std::int64_t context, std::int64_t vocabulary) {
    net.text = {.width = width, .layers = layers, .heads = width / 64, .hidden = 4 * width};
    net.context = context;
    net.vocabulary = vocabulary;
    return net;
}

}  // namespace

std::vector<NamedTensor> random_weights(const Architecture& net, std::uint64_t seed) {
    Maker maker(seed);
    if (net.attention_pooled) {
        add_siglip(maker, net);
    } else if (net.vit) {
        add_vit(maker, net);
    } else {
        add_resnet(maker, net);
    }
    const auto width = net.text.width;
    maker.normal("token_embedding.weight", {net.vocabulary, width}, 0.02);
    maker.normal("positional_embedding", {net.context, width}, 0.01);
    add_transformer(maker, "transformer.resblocks.", net.text);
    maker.norm("ln_final", width);
    const double projected = 1 / std::sqrt(static_cast<double>(width));
    if (net.text_projection_bias) {
        maker.linear("text_projection.", net.embedding, width, projected);
    } else {
        maker.normal("text_projection", {width, net.embedding}, projected);
    }
    maker.normal("logit_scale", {}, 0, std::log(1 / 0.07));
    if (net.logit_bias) maker.normal("logit_bias", {}, 0, *net.logit_bias);
    return std::move(maker.list);
}

std::unique_ptr<TensorFile> random_tensor_file(const Architecture& net, std::uint64_t seed) {
    return std::make_unique<MemoryFile>(random_weights(net, seed));
}

void write_random_model(const std::filesystem::path& path, const Architecture& net, std::uint64_t seed) {
    const std::vector<NamedTensor> weights = random_weights(net, seed);
    std::vector<TensorToWrite> list;
    for (const NamedTensor& weight : weights) {
        const TensorInfo info = info_of(weight);
        list.push_back({info.name, info.type, info.shape, info.data});
    }
    write_safetensors(path, list);
}

Architecture vit_architecture(std::int64_t width, std::int64_t layers, std::int64_t patch, std::int64_t view_size, std::int64_t embedding) {
    Architecture net;
    net.vision = {.width = width, .layers = layers, .heads = std::max<std::int64_t>(1, width / 64), .hidden = 4 * width};
    net.patch = patch;
    net.view_size = view_size;
    net.embedding = embedding;
    return with_text(net, 64, 1, 16, 100);
}

Architecture siglip_architecture(std::int64_t width, std::int64_t layers, std::int64_t patch, std::int64_t view_size) {
    Architecture net = vit_architecture(width, layers, patch, view_size, width);
    net.attention_pooled = true;
    net.pool_hidden = net.vision.hidden;
    net.vision.activation = net.text.activation = Activation::gelu;
    net.vision.epsilon = net.text.epsilon = 1e-6;
    net.causal = false;
    net.pool_last = net.text_projection_bias = true;
    net.logit_bias = -10;
    net.mean = net.deviation = {.5, .5, .5};
    net.resize_mode = "squash";
    return net;
}

Architecture resnet_architecture(const std::array<std::int64_t, 4>& stages, std::int64_t width, std::int64_t view_size,
                                 std::int64_t embedding) {
    Architecture net;
    net.vit = false;
    net.stages = stages;
    net.stem_width = width;
    net.pool_heads = net.pool_width() / 64;
    net.view_size = view_size;
    net.embedding = embedding;
    return with_text(net, 64, 1, 16, 100);
}

Architecture openai_architecture(const std::string& name) {
    constexpr std::int64_t kContext = 77, kVocabulary = 49408, kTextLayers = 12;
    static const std::map<std::string, std::pair<Architecture, std::int64_t>> kKnown{
        {"RN50", {resnet_architecture({3, 4, 6, 3}, 64, 224, 1024), 512}},
        {"RN101", {resnet_architecture({3, 4, 23, 3}, 64, 224, 512), 512}},
        {"RN50x4", {resnet_architecture({4, 6, 10, 6}, 80, 288, 640), 640}},
        {"RN50x16", {resnet_architecture({6, 8, 18, 8}, 96, 384, 768), 768}},
        {"RN50x64", {resnet_architecture({3, 15, 36, 10}, 128, 448, 1024), 1024}},
        {"ViT-B/32", {vit_architecture(768, 12, 32, 224, 512), 512}},
        {"ViT-B/16", {vit_architecture(768, 12, 16, 224, 512), 512}},
        {"ViT-L/14", {vit_architecture(1024, 24, 14, 224, 768), 768}},
        {"ViT-L/14@336px", {vit_architecture(1024, 24, 14, 336, 768), 768}},
    };
    const auto found = kKnown.find(name);
    if (found == kKnown.end()) throw InputError("`" + name + "` is none of OpenAI's nine models");
    return with_text(found->second.first, found->second.second, kTextLayers, kContext, kVocabulary);
}

}  // namespace clipig
