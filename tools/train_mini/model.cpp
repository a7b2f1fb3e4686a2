#include "model.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/random.h"
#include "models/tensor_file.h"
#include "towers/random_model.h"

namespace clipig::mini {
namespace {

constexpr const char* kProxies = "proxies";
constexpr double kLargestScale = 4.6051701859880914;  // ln 100, as OpenAI clips it

bool is_statistic(const std::string& name) { return name.ends_with("running_mean") || name.ends_with("running_var"); }

/// Gains 1, biases 0, no statistics yet: random_weights() makes networks that look trained.
void make_fresh(NamedTensor& weight) {
    const std::string& name = weight.name;
    const bool norm =
        name.find(".bn") != std::string::npos || name.find("downsample.1") != std::string::npos || name.find("ln_") != std::string::npos;
    if (norm) weight.tensor.fill_(name.ends_with(".weight") || name.ends_with("_var") ? 1 : 0);
    // a bottleneck starts as its shortcut (Goyal et al., "Accurate, large minibatch SGD", 2017), or nearly
    if (name.ends_with("bn3.weight") && name.find("layer") != std::string::npos) weight.tensor.fill_(0.2);
}

}  // namespace

Model::Model(const Architecture& net, std::int64_t proxies, std::uint64_t seed, bool bf16, const at::Device& device)
    : net_(net), type_(bf16 ? at::kBFloat16 : at::kFloat) {
    std::vector<NamedTensor> all = random_weights(net, seed);
    Tensor vectors = at::empty({proxies, net.embedding});
    fill_normal({.seed = seed, .target = kInitStream, .op = 1}, vectors.data_ptr<float>(), static_cast<std::size_t>(vectors.numel()));
    all.push_back({kProxies, vectors});
    std::vector<Tensor> learned, counted;
    for (NamedTensor& weight : all) {
        make_fresh(weight);
        (is_statistic(weight.name) ? counted : learned).push_back(weight.tensor.flatten());
    }
    weights_ = at::cat(learned).to(device);
    statistics_ = (counted.empty() ? at::zeros({0}) : at::cat(counted)).to(device);
    std::int64_t offset = 0, statistic_offset = 0;
    for (const NamedTensor& weight : all) {
        const std::int64_t size = weight.tensor.numel();
        if (is_statistic(weight.name)) {
            statistic_places_.push_back({weight.name, statistic_offset, weight.tensor.sizes().vec()});
            by_name_[weight.name] = statistics_.narrow(0, statistic_offset, size);
            statistic_offset += size;
            continue;
        }
        Tensor leaf = weights_.narrow(0, offset, size).view(weight.tensor.sizes()).detach().requires_grad_(true);
        const bool decays = leaf.dim() >= 2 && weight.name != kProxies && weight.name.find("embedding") == std::string::npos;
        by_name_[weight.name] = leaf;
        parameters_.push_back({weight.name, leaf, offset, decays});
        offset += size;
    }
    const auto channels = [&](const std::array<double, 3>& v) {
        return at::tensor({v[0], v[1], v[2]}, at::kFloat).view({1, 3, 1, 1}).to(device);
    };
    mean_ = channels(net.mean);
    deviation_ = channels(net.deviation);
}

Tensor Model::cast(const std::string& name) const { return get(name).to(type_); }

Tensor Model::scale() const { return at::exp(at::clamp_max(get("logit_scale"), kLargestScale)); }

Tensor Model::proxies() const { return at::div(get(kProxies), get(kProxies).norm(2, 1, true)); }

Tensor Model::convolve(const Tensor& x, const std::string& convolution, const std::string& norm, std::int64_t stride, bool learning) {
    constexpr double kMomentum = 0.02, kEpsilon = 1e-5;
    const Tensor kernel = get(convolution + ".weight").to(type_, false, false, at::MemoryFormat::ChannelsLast);
    const Tensor y = at::conv2d(x, kernel, {}, stride, kernel.size(2) / 2);
    return at::batch_norm(y, get(norm + ".weight"), get(norm + ".bias"), get(norm + ".running_mean"), get(norm + ".running_var"), learning,
                          kMomentum, kEpsilon, false);
}

Tensor Model::bottleneck(const Tensor& x, const std::string& at, bool pooled, bool learning) {
    Tensor y = at::relu(convolve(x, at + "conv1", at + "bn1", 1, learning));
    y = at::relu(convolve(y, at + "conv2", at + "bn2", 1, learning));
    if (pooled) y = at::avg_pool2d(y, 2);
    y = convolve(y, at + "conv3", at + "bn3", 1, learning);
    Tensor shortcut = pooled ? at::avg_pool2d(x, 2) : x;
    if (by_name_.count(at + "downsample.0.weight") != 0)
        shortcut = convolve(shortcut, at + "downsample.0", at + "downsample.1", 1, learning);
    return at::relu(y + shortcut);
}

Tensor Model::run_resnet(const Tensor& views, bool learning) {
    Tensor x = views.to(type_, false, false, at::MemoryFormat::ChannelsLast);
    for (int i = 1; i <= 3; ++i) {
        const std::string number = std::to_string(i);
        x = at::relu(convolve(x, "visual.conv" + number, "visual.bn" + number, i == 1 ? 2 : 1, learning));
    }
    x = at::avg_pool2d(x, 2);
    for (std::size_t stage = 0; stage < 4; ++stage) {
        for (std::int64_t i = 0; i < net_.stages[stage]; ++i) {
            x = bottleneck(x, "visual.layer" + std::to_string(stage + 1) + "." + std::to_string(i) + ".", stage > 0 && i == 0, learning);
        }
    }
    ResNetWeights pool;
    const std::string at = "visual.attnpool.";
    pool.net = net_;
    pool.places = cast(at + "positional_embedding");
    pool.query_weight = cast(at + "q_proj.weight"), pool.query_bias = cast(at + "q_proj.bias");
    pool.key_weight = cast(at + "k_proj.weight"), pool.key_bias = cast(at + "k_proj.bias");
    pool.value_weight = cast(at + "v_proj.weight"), pool.value_bias = cast(at + "v_proj.bias");
    pool.out_weight = cast(at + "c_proj.weight"), pool.out_bias = cast(at + "c_proj.bias");
    return attention_pool(pool, x);
}

TransformerWeights Model::transformer(const std::string& prefix, const TransformerShape& shape) const {
    TransformerWeights weights{shape, {}};
    for (std::int64_t i = 0; i < shape.layers; ++i) {
        const std::string at = prefix + std::to_string(i) + ".";
        BlockWeights b;
        b.norm1_weight = cast(at + "ln_1.weight"), b.norm1_bias = cast(at + "ln_1.bias");
        b.norm2_weight = cast(at + "ln_2.weight"), b.norm2_bias = cast(at + "ln_2.bias");
        b.qkv_weight = cast(at + "attn.in_proj_weight"), b.qkv_bias = cast(at + "attn.in_proj_bias");
        b.out_weight = cast(at + "attn.out_proj.weight"), b.out_bias = cast(at + "attn.out_proj.bias");
        b.up_weight = cast(at + "mlp.c_fc.weight"), b.up_bias = cast(at + "mlp.c_fc.bias");
        b.down_weight = cast(at + "mlp.c_proj.weight"), b.down_bias = cast(at + "mlp.c_proj.bias");
        weights.blocks.push_back(std::move(b));
    }
    return weights;
}

Tensor Model::run_vit(const Tensor& views) const {
    VitWeights w;
    w.net = net_;
    w.patch = get("visual.conv1.weight");
    w.class_embedding = get("visual.class_embedding");
    w.places = get("visual.positional_embedding");
    w.pre_weight = get("visual.ln_pre.weight"), w.pre_bias = get("visual.ln_pre.bias");
    w.post_weight = get("visual.ln_post.weight"), w.post_bias = get("visual.ln_post.bias");
    w.transformer = transformer("visual.transformer.resblocks.", net_.vision);
    w.projection = get("visual.proj");
    return make_plain_tower(w, {device(), type_})->forward(views);
}

Tensor Model::encode_views(const Tensor& views, bool learning) {
    const Tensor normalised = (views - mean_) / deviation_;
    const Tensor features = (net_.vit ? run_vit(normalised) : run_resnet(normalised, learning)).to(at::kFloat);
    return at::div(features, features.norm(2, 1, true));
}

Tensor Model::encode_ids(const Tensor& ids) const {
    TextWeights w;
    w.net = net_;
    w.tokens = cast("token_embedding.weight");
    w.places = cast("positional_embedding");
    w.transformer = transformer("transformer.resblocks.", net_.text);
    w.post_weight = cast("ln_final.weight"), w.post_bias = cast("ln_final.bias");
    w.projection = cast("text_projection");
    const Tensor features = run_text(w, ids);
    return at::div(features, features.norm(2, 1, true));
}

namespace {

nlohmann::ordered_json configuration(const Architecture& net) {
    nlohmann::ordered_json vision{{"image_size", net.view_size}};
    if (net.vit) {
        vision.update({{"layers", net.vision.layers}, {"width", net.vision.width}, {"patch_size", net.patch}});
    } else {
        vision.update({{"layers", net.stages}, {"width", net.stem_width}, {"patch_size", nullptr}});
    }
    const nlohmann::ordered_json text{{"context_length", net.context},
                                      {"vocab_size", net.vocabulary},
                                      {"width", net.text.width},
                                      {"heads", net.text.heads},
                                      {"layers", net.text.layers}};
    return {{"model_cfg", {{"embed_dim", net.embedding}, {"quick_gelu", true}, {"vision_cfg", vision}, {"text_cfg", text}}},
            {"preprocess_cfg", {{"mean", net.mean}, {"std", net.deviation}, {"interpolation", "bicubic"}, {"resize_mode", "shortest"}}}};
}

}  // namespace

void Model::write(const std::filesystem::path& folder, const Tensor& weights, const Tensor& statistics) const {
    std::vector<Tensor> kept;
    std::vector<TensorToWrite> list;
    const auto add = [&](const std::string& name, const Tensor& values, at::IntArrayRef shape) {
        kept.push_back(values.to(at::kCPU, at::kHalf).contiguous());
        const auto* bytes = static_cast<const std::byte*>(kept.back().data_ptr());
        list.push_back({name, DataType::f16, shape.vec(), {bytes, static_cast<std::size_t>(kept.back().nbytes())}});
    };
    for (const Parameter& p : parameters_) {
        if (p.name != kProxies) add(p.name, weights.narrow(0, p.offset, p.values.numel()), p.values.sizes());
    }
    for (const Place& place : statistic_places_) {
        const std::int64_t size = by_name_.at(place.name).numel();
        add(place.name, statistics.narrow(0, place.offset, size), place.shape);
    }
    std::filesystem::create_directories(folder);
    write_safetensors(folder / "open_clip_model.safetensors", list, {{"format", "pt"}});
    write_file_atomic(folder / "open_clip_config.json", configuration(net_).dump(1) + "\n");
}

}  // namespace clipig::mini
