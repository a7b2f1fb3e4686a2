// SigLIP's towers against a second formulation in double, head by head; both key layouts; configurations; published sizes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <functional>
#include <map>

#include "base/test_folder.h"
#include "base/error.h"
#include "base/files.h"
#include "base/random.h"
#include "towers/clip.h"
#include "towers/model_config.h"
#include "towers/packed_matrix.h"
#include "towers/weight_table.h"

namespace clipig {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;
using testing::HasSubstr;

constexpr std::int64_t kWidth = 128, kHidden = 160, kLayers = 2, kHeads = 2, kPatch = 4, kGrid = 3, kView = 13, kContext = 8,
                       kVocabulary = 200;
const ModelOptions kPlain{.precision = "fp32", .plain = true};
using Weights = std::map<std::string, Tensor>;

Tensor noise(std::uint32_t index, const Shape& shape, double scale = 1, double mean = 0) {
    Tensor tensor = at::empty(shape);
    fill_normal({.seed = 7, .op = index}, tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel()));
    return tensor * scale + mean;
}

/// A small SigLIP under open_clip's and timm's keys.
Weights random_siglip() {
    Weights w;
    std::uint32_t index = 0;
    const auto linear = [&](const std::string& name, std::int64_t out, std::int64_t in) {
        w[name + "weight"] = noise(index++, {out, in}, 1 / std::sqrt(static_cast<double>(in)));
        w[name + "bias"] = noise(index++, {out}, 0.1);
    };
    const auto norm = [&](const std::string& name) {
        w[name + "weight"] = noise(index++, {kWidth}, 0.1, 1);
        w[name + "bias"] = noise(index++, {kWidth}, 0.1);
    };
    const std::string trunk = "visual.trunk.";
    w[trunk + "patch_embed.proj.weight"] = noise(index++, {kWidth, 3, kPatch, kPatch}, 0.15);
    w[trunk + "patch_embed.proj.bias"] = noise(index++, {kWidth}, 0.1);
    w[trunk + "pos_embed"] = noise(index++, {1, kGrid * kGrid, kWidth}, 0.3);
    for (std::int64_t i = 0; i < kLayers; ++i) {
        const std::string at = trunk + "blocks." + std::to_string(i) + ".", text = "text.transformer.resblocks." + std::to_string(i) + ".";
        norm(at + "norm1.");
        linear(at + "attn.qkv.", 3 * kWidth, kWidth);
        linear(at + "attn.proj.", kWidth, kWidth);
        norm(at + "norm2.");
        linear(at + "mlp.fc1.", kHidden, kWidth);
        linear(at + "mlp.fc2.", kWidth, kHidden);
        norm(text + "ln_1.");
        linear(text + "attn.in_proj_", 3 * kWidth, kWidth);
        linear(text + "attn.out_proj.", kWidth, kWidth);
        norm(text + "ln_2.");
        linear(text + "mlp.c_fc.", kHidden, kWidth);
        linear(text + "mlp.c_proj.", kWidth, kHidden);
    }
    norm(trunk + "norm.");
    w[trunk + "attn_pool.latent"] = noise(index++, {1, 1, kWidth}, 1);
    linear(trunk + "attn_pool.q.", kWidth, kWidth);
    linear(trunk + "attn_pool.kv.", 2 * kWidth, kWidth);
    linear(trunk + "attn_pool.proj.", kWidth, kWidth);
    norm(trunk + "attn_pool.norm.");
    linear(trunk + "attn_pool.mlp.fc1.", kHidden, kWidth);
    linear(trunk + "attn_pool.mlp.fc2.", kWidth, kHidden);
    w["text.token_embedding.weight"] = noise(index++, {kVocabulary, kWidth}, 0.5);
    w["text.positional_embedding"] = noise(index++, {kContext, kWidth}, 0.3);
    norm("text.ln_final.");
    linear("text.text_projection.", kWidth, kWidth);
    w["logit_scale"] = at::full({1}, 4.75F);
    w["logit_bias"] = at::full({1}, -12.5F);
    return w;
}

void write(const fs::path& path, const Weights& weights) {
    std::vector<TensorToWrite> list;
    for (const auto& [name, tensor] : weights) {
        const auto* bytes = static_cast<const std::byte*>(tensor.data_ptr());
        list.push_back({name, DataType::f32, tensor.sizes().vec(), {bytes, static_cast<std::size_t>(tensor.nbytes())}});
    }
    write_safetensors(path, list);
}

constexpr const char* kOpenClipConfig = R"({"model_cfg": {"embed_dim": 128, "init_logit_bias": -10, "custom_text": true,
    "vision_cfg": {"image_size": 13, "timm_model_name": "vit_base_patch16_siglip_224", "timm_pool": "map", "timm_proj": "none"},
    "text_cfg": {"context_length": 8, "vocab_size": 200, "hf_tokenizer_name": "", "tokenizer_kwargs": {"clean": "canonicalize"}, "width": 128,
                 "heads": 2, "layers": 2, "no_causal_mask": true, "proj_bias": true, "pool_type": "last", "norm_kwargs": {"eps": 1e-6}ACT}},
    "preprocess_cfg": {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "interpolation": "bicubic", "resize_mode": "squash"}})";

std::string open_clip_config(const std::string& act) {
    std::string text = kOpenClipConfig;
    return text.replace(text.find("ACT"), 3, act);
}

// ---- the second formulation: single heads, explicit sums, everything in double ----

struct Reference {
    const Weights& weights;
    std::function<Tensor(const Tensor&)> act;

    [[nodiscard]] Tensor get(const std::string& name) const { return weights.at(name).to(at::kDouble); }
    [[nodiscard]] Tensor linear(const Tensor& x, const std::string& name) const {
        return at::matmul(x, get(name + "weight").t()) + get(name + "bias");
    }
    [[nodiscard]] Tensor norm(const Tensor& x, const std::string& name) const {
        const Tensor centred = x - x.mean({-1}, true);
        return centred / at::sqrt((centred * centred).mean({-1}, true) + 1e-6) * get(name + "weight") + get(name + "bias");
    }
    /// q [Q,W], k and v [L,W] -> [Q,W]
    [[nodiscard]] static Tensor attend(const Tensor& q, const Tensor& k, const Tensor& v) {
        std::vector<Tensor> heads;
        const auto width = q.size(1) / kHeads;
        for (std::int64_t h = 0; h < kHeads; ++h) {
            const auto of = [&](const Tensor& x) { return x.narrow(1, h * width, width); };
            const Tensor scores = at::exp(at::matmul(of(q), of(k).t()) / std::sqrt(static_cast<double>(width)));
            heads.push_back(at::matmul(scores / scores.sum({1}, true), of(v)));
        }
        return at::cat(heads, 1);
    }
    [[nodiscard]] Tensor block(const Tensor& x, const std::string& norm1, const std::string& qkv, const std::string& out,
                               const std::string& norm2, const std::string& up, const std::string& down) const {
        const auto parts = linear(norm(x, norm1), qkv).chunk(3, 1);
        const Tensor y = x + linear(attend(parts[0], parts[1], parts[2]), out);
        return y + linear(act(linear(norm(y, norm2), up)), down);
    }
    /// view [3,S,S], normalised -> [W]
    [[nodiscard]] Tensor image(const Tensor& view) const {
        const std::string t = "visual.trunk.";
        std::vector<Tensor> rows;
        const Tensor filter = get(t + "patch_embed.proj.weight").flatten(1);
        for (std::int64_t y = 0; y < kGrid; ++y) {
            for (std::int64_t x = 0; x < kGrid; ++x) {
                const Tensor patch = view.narrow(1, y * kPatch, kPatch).narrow(2, x * kPatch, kPatch).reshape({-1});
                rows.push_back(at::mv(filter, patch) + get(t + "patch_embed.proj.bias"));
            }
        }
        Tensor x = at::stack(rows) + get(t + "pos_embed")[0];
        for (std::int64_t i = 0; i < kLayers; ++i) {
            const std::string at = t + "blocks." + std::to_string(i) + ".";
            x = block(x, at + "norm1.", at + "attn.qkv.", at + "attn.proj.", at + "norm2.", at + "mlp.fc1.", at + "mlp.fc2.");
        }
        x = norm(x, t + "norm.");
        const std::string p = t + "attn_pool.";
        const auto kv = linear(x, p + "kv.").chunk(2, 1);
        const Tensor pooled = linear(attend(linear(get(p + "latent")[0], p + "q."), kv[0], kv[1]), p + "proj.");
        return (pooled + linear(act(linear(norm(pooled, p + "norm."), p + "mlp.fc1.")), p + "mlp.fc2."))[0];
    }
    /// ids [L] -> [E]
    [[nodiscard]] Tensor text(const Tensor& ids) const {
        Tensor x = get("text.token_embedding.weight").index_select(0, ids) + get("text.positional_embedding");
        for (std::int64_t i = 0; i < kLayers; ++i) {
            const std::string at = "text.transformer.resblocks." + std::to_string(i) + ".";
            x = block(x, at + "ln_1.", at + "attn.in_proj_", at + "attn.out_proj.", at + "ln_2.", at + "mlp.c_fc.", at + "mlp.c_proj.");
        }
        return linear(norm(x, "text.ln_final."), "text.text_projection.")[kContext - 1];
    }
};

Tensor exact_gelu(const Tensor& x) { return 0.5 * x * (1 + at::erf(x / std::sqrt(2.0))); }
Tensor tanh_gelu(const Tensor& x) { return 0.5 * x * (1 + at::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x))); }

double difference(const Tensor& a, const Tensor& b) { return (a - b).abs().max().item<double>() / b.abs().max().item<double>(); }

std::shared_ptr<Clip> load(const fs::path& path) { return std::dynamic_pointer_cast<Clip>(load_clip(path, "s", kPlain)); }

TEST(Siglip, FeaturesAreThoseOfTheSecondFormulation) {
    const TemporaryFolder folder;
    const Weights weights = random_siglip();
    write(folder / "open_clip_model.safetensors", weights);
    const Tensor views = noise(900, {2, 3, kView, kView}, 0.2, 0.5);
    const Tensor ids = at::randint(0, kVocabulary, {3, kContext}, at::kLong);
    for (const bool tanh : {false, true}) {
        write_file_atomic(folder / "open_clip_config.json", open_clip_config(tanh ? R"(, "act_kwargs": {"approximate": "tanh"})" : ""));
        const auto clip = load(folder.path());
        const Architecture& net = clip->architecture();
        EXPECT_EQ(net.view_size, kView) << "13 pixels in patches of 4: the last one is not looked at";
        EXPECT_EQ(net.vision.activation, Activation::gelu);
        EXPECT_EQ(net.text.activation, tanh ? Activation::gelu_tanh : Activation::gelu);
        EXPECT_EQ(net.embedding, kWidth);
        EXPECT_DOUBLE_EQ(net.logit_bias.value(), -12.5);
        EXPECT_DOUBLE_EQ(net.logit_scale.value(), 4.75);
        EXPECT_EQ(clip->preparation().mode, ResizeMode::squash);
        const Reference images{weights, exact_gelu}, texts{weights, tanh ? tanh_gelu : exact_gelu};
        const at::NoGradGuard no_gradient;
        const Tensor features = clip->encode_image(views), embedded = clip->encode_tokens(ids);
        constexpr double kRounding = 2e-5;  // float32 through three blocks
        for (std::int64_t i = 0; i < 2; ++i)
            EXPECT_LT(difference(features[i], images.image((views[i].to(at::kDouble) - 0.5) / 0.5)), kRounding);
        for (std::int64_t i = 0; i < 3; ++i) EXPECT_LT(difference(embedded[i], texts.text(ids[i])), kRounding);
    }
}

TEST(Siglip, GradientIsTheSlope) {
    const TemporaryFolder folder;
    const Weights weights = random_siglip();
    write(folder / "w.safetensors", weights);
    WeightTable table(open_tensors(folder / "w.safetensors"), "w");
    const Architecture net = infer_architecture(table, {}, "w");
    EXPECT_EQ(net.view_size, kPatch * kGrid);
    const auto exact = make_plain_tower(take_siglip(table, net), {at::kCPU, at::kDouble});
    const Tensor views = noise(901, {1, 3, net.view_size, net.view_size}).to(at::kDouble);
    const Tensor along = noise(902, {1, kWidth}).to(at::kDouble), direction = noise(903, views.sizes().vec()).to(at::kDouble);
    const Tensor input = views.clone().requires_grad_(true);
    (exact->forward(input) * along).sum().backward();
    const at::NoGradGuard no_gradient;
    const auto value = [&](double step) { return (exact->forward(views + step * direction) * along).sum().item<double>(); };
    constexpr double kStep = 1e-5;
    const double slope = (value(kStep) - value(-kStep)) / (2 * kStep);
    // double precision; the central difference errs by the square of the step
    EXPECT_NEAR((input.grad() * direction).sum().item<double>() / slope, 1, 1e-7);
    const Reference reference{weights, exact_gelu};
    EXPECT_LT(difference(exact->forward(views)[0], reference.image(views[0])), 1e-12);
}

TEST(Siglip, FastPathIsTheSameNetwork) {
    const TemporaryFolder folder;
    write(folder / "open_clip_model.safetensors", random_siglip());
    write_file_atomic(folder / "open_clip_config.json", open_clip_config(R"(, "act_kwargs": {"approximate": "tanh"})"));
    const auto plain = load(folder.path());
    const auto fast = std::dynamic_pointer_cast<Clip>(load_clip(folder.path(), "s", {.precision = "fp32"}));
    EXPECT_EQ(fast->describe(), plain->describe());
    const Tensor views = noise(905, {2, 3, kView, kView}, 0.2, 0.5), along = noise(906, {2, kWidth});
    std::vector<Tensor> features, gradients;
    for (const auto& clip : {plain, fast}) {
        const Tensor input = views.clone().requires_grad_(true);
        features.push_back(clip->encode_image(input));
        (features.back() * along).sum().backward();
        gradients.push_back(input.grad());
    }
    constexpr double kRounding = 2e-5;  // float32, in another order of sums
    EXPECT_LT(difference(features[1], features[0]), kRounding);
    EXPECT_LT(difference(gradients[1], gradients[0]), kRounding);
    EXPECT_EQ(gradients[1].slice(3, kPatch * kGrid).abs().max().item<double>(), 0) << "the last column is not looked at";
    // the estimate before loading is that of the path that is then taken
    const auto need = [&](const ModelOptions& options) { return model_need(folder.path(), "s", options).view; };
    EXPECT_EQ(need({.precision = "fp32"}), fast->working_bytes(1));
    EXPECT_EQ(need(kPlain), plain->working_bytes(1));
    EXPECT_NE(need(kPlain), need({.precision = "fp32"}));
    if (processor_has_bf16()) {
        const auto half = std::dynamic_pointer_cast<Clip>(load_clip(folder.path(), "s", {.precision = "bf16"}));
        EXPECT_THAT(half->describe(), HasSubstr("bfloat16"));
        EXPECT_LT(difference(half->encode_image(views), features[0].detach()), 0.05);  // 8 bits of every factor
        EXPECT_LT(need({.precision = "bf16"}), need({.precision = "fp32"}));
    }
}

/// The same weights under transformers' keys of SiglipModel.
Weights transformers_keys(const Weights& weights) {
    Weights out;
    const auto copy_linear = [&](const std::string& from, const std::string& to) {
        for (const char* end : {"weight", "bias"}) out[to + end] = weights.at(from + end);
    };
    const auto split = [&](const std::string& from, const std::string& to) {
        for (const char* end : {"weight", "bias"}) {
            const auto parts = weights.at(from + end).chunk(3, 0);
            for (std::size_t i = 0; i < 3; ++i)
                out[to + std::vector<std::string>{"q_proj.", "k_proj.", "v_proj."}[i] + end] = parts[i].contiguous();
        }
    };
    for (std::int64_t i = 0; i < kLayers; ++i) {
        for (const bool text : {false, true}) {
            const std::string from = (text ? "text.transformer.resblocks." : "visual.trunk.blocks.") + std::to_string(i) + ".";
            const std::string to = std::string(text ? "text_model" : "vision_model") + ".encoder.layers." + std::to_string(i) + ".";
            copy_linear(from + (text ? "ln_1." : "norm1."), to + "layer_norm1.");
            copy_linear(from + (text ? "ln_2." : "norm2."), to + "layer_norm2.");
            split(from + (text ? "attn.in_proj_" : "attn.qkv."), to + "self_attn.");
            copy_linear(from + (text ? "attn.out_proj." : "attn.proj."), to + "self_attn.out_proj.");
            copy_linear(from + (text ? "mlp.c_fc." : "mlp.fc1."), to + "mlp.fc1.");
            copy_linear(from + (text ? "mlp.c_proj." : "mlp.fc2."), to + "mlp.fc2.");
        }
    }
    const std::string v = "vision_model.", t = "visual.trunk.", p = t + "attn_pool.";
    copy_linear(t + "patch_embed.proj.", v + "embeddings.patch_embedding.");
    out[v + "embeddings.position_embedding.weight"] = weights.at(t + "pos_embed")[0].contiguous();
    copy_linear(t + "norm.", v + "post_layernorm.");
    out[v + "head.probe"] = weights.at(p + "latent");
    for (const char* end : {"weight", "bias"}) {
        out[v + "head.attention.in_proj_" + end] = at::cat({weights.at(p + "q." + end), weights.at(p + "kv." + end)});
    }
    copy_linear(p + "proj.", v + "head.attention.out_proj.");
    copy_linear(p + "norm.", v + "head.layernorm.");
    copy_linear(p + "mlp.fc1.", v + "head.mlp.fc1.");
    copy_linear(p + "mlp.fc2.", v + "head.mlp.fc2.");
    out["text_model.embeddings.token_embedding.weight"] = weights.at("text.token_embedding.weight");
    out["text_model.embeddings.position_embedding.weight"] = weights.at("text.positional_embedding");
    copy_linear("text.ln_final.", "text_model.final_layer_norm.");
    copy_linear("text.text_projection.", "text_model.head.");
    out["logit_scale"] = weights.at("logit_scale");
    out["logit_bias"] = weights.at("logit_bias");
    return out;
}

TEST(Siglip, TransformersLayoutIsTheSameNetwork) {
    const TemporaryFolder ours, theirs;
    const Weights weights = random_siglip();
    write(ours / "w.safetensors", weights);
    write(theirs / "model.safetensors", transformers_keys(weights));
    write_file_atomic(theirs / "config.json", R"({"model_type": "siglip",
        "vision_config": {"num_attention_heads": 2, "hidden_act": "gelu", "image_size": 12},
        "text_config": {"num_attention_heads": 2, "hidden_act": "gelu", "layer_norm_eps": 1e-6}})");
    write_file_atomic(theirs / "preprocessor_config.json", R"({"size": {"height": 12, "width": 12}, "resample": 3,
        "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]})");
    const auto a = load(ours / "w.safetensors"), b = load(theirs.path());
    const Tensor views = noise(904, {1, 3, 12, 12}, 0.2, 0.5), ids = at::randint(0, kVocabulary, {2, kContext}, at::kLong);
    const at::NoGradGuard no_gradient;
    EXPECT_TRUE(at::equal(a->encode_image(views), b->encode_image(views)));
    EXPECT_TRUE(at::equal(a->encode_tokens(ids), b->encode_tokens(ids)));
    EXPECT_EQ(b->architecture().resize_mode, "squash");
    EXPECT_DOUBLE_EQ(b->architecture().logit_bias.value(), -12.5);
    // what a sparse configuration leaves open is the tanh approximation and twelve heads, which do not divide 128
    write_file_atomic(theirs / "config.json", R"({"model_type": "siglip"})");
    EXPECT_THROW(static_cast<void>(load(theirs.path())), InputError);
    write_file_atomic(theirs / "config.json", R"({"model_type": "blip"})");
    EXPECT_THROW(static_cast<void>(load(theirs.path())), InputError);
}

TEST(Siglip, ReadsTextsWithTheVocabularyBesideIt) {
    const TemporaryFolder folder;
    write(folder / "open_clip_model.safetensors", random_siglip());
    write_file_atomic(folder / "open_clip_config.json", open_clip_config(""));
    fs::copy_file(CLIPIG_SOURCE_DIR "/tests/golden/pieces_unigram.model", folder / "spiece.model");
    const auto clip = load(folder.path());
    const Tensor both = clip->encode_text({"a sea", "A Sea!"}, false);
    EXPECT_TRUE(at::equal(both[0], both[1]));
    EXPECT_FALSE(at::equal(both[0], clip->encode_text({"a fish"}, false)[0]));
    const std::string prompt = "a sea of strawberries and bytes";
    EXPECT_THROW(static_cast<void>(clip->encode_text({prompt}, false)), InputError);
    EXPECT_EQ(clip->encode_text({prompt}, true).size(0), 1);
    EXPECT_GT(clip->encode_long_text(prompt).size(0), 1);
    EXPECT_TRUE(at::equal(clip->encode_long_text("a sea"), clip->encode_text({"a sea"}, false)));
}

TEST(Siglip, SaysWhatIsMissing) {
    const TemporaryFolder folder;
    Weights weights = random_siglip();
    weights.erase("visual.trunk.attn_pool.kv.bias");
    weights.erase("visual.trunk.blocks.1.mlp.fc2.weight");
    weights["visual.trunk.cls_token"] = at::zeros({1, 1, kWidth});
    write(folder / "w.safetensors", weights);
    try {
        static_cast<void>(load(folder / "w.safetensors"));
        FAIL() << "no error";
    } catch (const InputError& error) {
        EXPECT_THAT(error.what(), HasSubstr("`visual.attn_pool.in_proj_bias` has shape [128] where [384] is needed"));
        EXPECT_THAT(error.what(), HasSubstr("`visual.transformer.resblocks.1.mlp.c_proj.weight` [128, 160] is missing"));
        EXPECT_THAT(error.what(), HasSubstr("`visual.trunk.cls_token`"));
    }
    weights = {{"visual.trunk.blocks.0.attn.rope", at::zeros({1})}, {"visual.trunk.cls_token", at::zeros({1})}};
    write(folder / "eva.safetensors", weights);
    EXPECT_THROW(static_cast<void>(load(folder / "eva.safetensors")), InputError);
}

}  // namespace
}  // namespace clipig
