// Loading: every complaint, every one of OpenAI's networks, and the bundled model.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/test_folder.h"
#include "base/error.h"
#include "base/files.h"
#include "base/random.h"
#include "towers/clip.h"
#include "towers/fast_tower.h"
#include "towers/model_config.h"
#include "towers/processor.h"
#include "towers/random_model.h"
#include "towers/weight_table.h"

namespace clipig {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;
using testing::HasSubstr;

void write_weights(const fs::path& path, const std::vector<NamedTensor>& weights) {
    std::vector<TensorToWrite> list;
    for (const NamedTensor& weight : weights) {
        const auto* bytes = static_cast<const std::byte*>(weight.tensor.data_ptr());
        list.push_back(
            {weight.name, DataType::f32, weight.tensor.sizes().vec(), {bytes, static_cast<std::size_t>(weight.tensor.nbytes())}});
    }
    write_safetensors(path, list);
}

const Architecture kSmall = vit_architecture(64, 2, 8, 24, 16);
const ModelOptions kPlain{.precision = "fp32", .plain = true};

NamedTensor& named(std::vector<NamedTensor>& weights, const std::string& name) {
    return *std::find_if(weights.begin(), weights.end(), [&name](const NamedTensor& weight) { return weight.name == name; });
}

/// The message of loading these weights.
std::string complaint(const std::vector<NamedTensor>& weights) {
    const TemporaryFolder folder;
    write_weights(folder / "w.safetensors", weights);
    try {
        static_cast<void>(load_clip(folder / "w.safetensors", "w", kPlain));
    } catch (const InputError& error) {
        return error.what();
    }
    return "no complaint";
}

TEST(LoadClip, NamesEveryTensorThatDoesNotFit) {
    std::vector<NamedTensor> weights = random_weights(kSmall, 1);
    EXPECT_EQ(complaint(weights), "no complaint");
    named(weights, "visual.proj").name = "visual.proj2";
    EXPECT_THAT(complaint(weights), HasSubstr("neither `visual.proj` nor `visual.layer1`"));
    named(weights, "visual.proj2").name = "visual.proj";
    named(weights, "visual.transformer.resblocks.1.ln_2.bias").name = "visual.strange";
    named(weights, "transformer.resblocks.0.mlp.c_proj.weight").tensor = at::zeros({64, 255});
    const std::string message = complaint(weights);
    EXPECT_THAT(message, HasSubstr("`visual.transformer.resblocks.1.ln_2.bias` [64] is missing"));
    EXPECT_THAT(message, HasSubstr("`visual.strange` [64] has no place in this network"));
    EXPECT_THAT(message, HasSubstr("`transformer.resblocks.0.mlp.c_proj.weight` has shape [64, 255] where [64, 256] is needed"));
}

TEST(LoadClip, SkipsWhatNoNetworkNeeds) {
    std::vector<NamedTensor> weights = random_weights(kSmall, 1);
    for (const char* name :
         {"input_resolution", "context_length", "vocab_size", "logit_bias", "text.transformer.embeddings.position_ids"}) {
        weights.push_back({name, at::ones({1})});
    }
    EXPECT_EQ(complaint(weights), "no complaint");
}

Tensor features_of(const fs::path& path, const Tensor& views) {
    const at::NoGradGuard no_gradient;
    return load_clip(path, "w", kPlain)->encode_image(views);
}

TEST(LoadClip, PrefixesAndLayerScale) {
    const TemporaryFolder folder;
    std::vector<NamedTensor> weights = random_weights(kSmall, 1);
    write_weights(folder / "w.safetensors", weights);
    const Tensor views = at::full({1, 3, 24, 24}, 0.3).tril();
    const Tensor expected = features_of(folder / "w.safetensors", views);
    std::vector<NamedTensor> wrapped = weights;
    for (NamedTensor& weight : wrapped) {
        const bool visual = weight.name.rfind("visual.", 0) == 0 || weight.name == "logit_scale";
        weight.name = "module." + std::string(visual ? "" : "text.") + weight.name;
    }
    write_weights(folder / "wrapped.safetensors", wrapped);
    EXPECT_TRUE(at::equal(features_of(folder / "wrapped.safetensors", views), expected));
    // a gain of 2 after a projection of half the size changes nothing; powers of two are exact
    for (const std::int64_t i : {0, 1}) {
        const std::string at = "visual.transformer.resblocks." + std::to_string(i) + ".";
        for (const char* name : {"attn.out_proj.weight", "attn.out_proj.bias", "mlp.c_proj.weight", "mlp.c_proj.bias"})
            named(weights, at + name).tensor.mul_(0.5);
        weights.push_back({at + "ls_1.gamma", at::full({64}, 2.0)});
        weights.push_back({at + "ls_2.gamma", at::full({64}, 2.0)});
    }
    write_weights(folder / "scaled.safetensors", weights);
    EXPECT_TRUE(at::equal(features_of(folder / "scaled.safetensors", views), expected));
}

TEST(LoadClip, ConfigurationBesideTheWeights) {
    const TemporaryFolder folder;
    write_weights(folder / "open_clip_model.safetensors", random_weights(kSmall, 1));
    write_file_atomic(folder / "open_clip_config.json",
                      R"({"model_cfg": {"embed_dim": 16, "vision_cfg": {"head_width": 32}, "text_cfg": {"heads": 4}},
                          "preprocess_cfg": {"mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25], "interpolation": "bilinear", "resize_mode": "squash"}})");
    const auto model = std::dynamic_pointer_cast<Clip>(load_clip(folder.path(), "w", kPlain));
    const Architecture& net = model->architecture();
    EXPECT_EQ(net.vision.heads, 2);
    EXPECT_EQ(net.text.heads, 4);
    EXPECT_EQ(net.vision.activation, Activation::gelu);
    EXPECT_EQ(net.deviation[1], 0.25);
    EXPECT_EQ(net.resize_mode, "squash");
    EXPECT_EQ(net.interpolation, "bilinear");
    write_file_atomic(folder / "open_clip_config.json", R"({"model_cfg": {"vision_cfg": {"timm_model_name": "vit"}}})");
    EXPECT_THROW(static_cast<void>(load_clip(folder.path(), "w", kPlain)), InputError);
    write_file_atomic(folder / "open_clip_config.json", "{");
    EXPECT_THROW(static_cast<void>(load_clip(folder.path(), "w", kPlain)), InputError);
}

TEST(LoadClip, ActivationByName) {
    EXPECT_EQ(quick_gelu_by_name("ViT-B/32"), true);
    EXPECT_EQ(quick_gelu_by_name("ViT-B-32:openai"), true);
    EXPECT_EQ(quick_gelu_by_name("ViT-B-32:laion400m_e32"), true);
    EXPECT_EQ(quick_gelu_by_name("ViT-B-32:laion2b_s34b_b79k"), false);
    EXPECT_EQ(quick_gelu_by_name("ViT-B-16:laion400m_e32"), false);
    EXPECT_EQ(quick_gelu_by_name("ViT-B-16:dfn2b"), true);
    EXPECT_EQ(quick_gelu_by_name("ViT-L-14:dfn2b_s39b"), false);
    EXPECT_EQ(quick_gelu_by_name("/some/file.pt"), std::nullopt);
}

/// A safetensors file of zeros with these tensors, which takes no room on the disk.
void write_zeros(const fs::path& path, const nlohmann::json& tensors) {
    nlohmann::json header;
    std::uint64_t at = 0;
    for (const auto& [name, entry] : tensors.items()) {
        std::uint64_t size = entry[0] == "I64" ? 8 : entry[0] == "F16" ? 2 : 4;
        for (const auto& length : entry[1]) size *= length.get<std::uint64_t>();
        header[name] = {{"dtype", entry[0]}, {"shape", entry[1]}, {"data_offsets", {at, at + size}}};
        at += size;
    }
    const std::string text = header.dump();
    const std::uint64_t length = text.size();
    std::ofstream out(path, std::ios::binary);
    out.write(reinterpret_cast<const char*>(&length), sizeof length);
    out << text;
    out.close();
    fs::resize_file(path, sizeof length + length + at);
}

class OpenAiShapes : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Networks, OpenAiShapes, testing::Values("RN50", "ViT-B/32", "RN50x4", "ViT-L/14@336px"));

TEST_P(OpenAiShapes, AreThatNetworkAndRun) {
    const std::string name = GetParam();
    const bool large = name != "RN50" && name != "ViT-B/32";
    if (large && std::getenv("CLIPIG_SLOW_TESTS") == nullptr) GTEST_SKIP() << "CLIPIG_SLOW_TESTS is not set";
    const auto all = nlohmann::json::parse(read_file(CLIPIG_SOURCE_DIR "/tests/golden/openai_shapes.json"));
    const TemporaryFolder folder;
    write_zeros(folder / "w.safetensors", all[name]);
    const auto clip = std::dynamic_pointer_cast<Clip>(load_clip(folder / "w.safetensors", name, kPlain));
    const Architecture known = openai_architecture(name), &found = clip->architecture();
    EXPECT_EQ(found.view_size, known.view_size);
    EXPECT_EQ(found.embedding, known.embedding);
    EXPECT_EQ(found.stages, known.stages);
    EXPECT_EQ(found.pool_heads, known.pool_heads);
    EXPECT_EQ(found.vision.layers, known.vision.layers);
    EXPECT_EQ(found.vision.heads, known.vision.heads);
    EXPECT_EQ(found.text.layers, known.text.layers);
    EXPECT_EQ(found.text.heads, known.text.heads);
    EXPECT_EQ(found.context, 77);
    EXPECT_EQ(found.vocabulary, 49408);
    EXPECT_EQ(found.common_name(), name.substr(0, name.find('@')));
    const at::NoGradGuard no_gradient;
    const Tensor features = clip->encode_image(at::rand({1, 3, known.view_size, known.view_size}));
    EXPECT_EQ(features.sizes(), (at::IntArrayRef{1, known.embedding}));
    EXPECT_TRUE(at::isfinite(features).all().item<bool>());
}

TEST(Describe, OpenAiParameterCount) {
    // 151,277,313 is the count that OpenAI prints for ViT-B/32
    const TemporaryFolder folder;
    const auto all = nlohmann::json::parse(read_file(CLIPIG_SOURCE_DIR "/tests/golden/openai_shapes.json"));
    write_zeros(folder / "w.safetensors", all["ViT-B/32"]);
    EXPECT_EQ(load_clip(folder / "w.safetensors", "ViT-B/32", kPlain)->describe(), "ViT-B/32, 224 px, 151 M parameters, float32 on cpu");
}

const fs::path kMini = CLIPIG_SOURCE_DIR "/models/mini";

TEST(Mini, KnowsColours) {
    const auto mini = load_clip(kMini, "mini", {.precision = "fp32"});
    EXPECT_EQ(mini->view_size(), 64);
    EXPECT_EQ(mini->embedding_size(), 256);
    const at::NoGradGuard no_gradient;
    // a red, a green and a blue disc on white
    const Tensor place = (at::arange(64) - 31.5).pow(2);
    const Tensor outside = (place.view({64, 1}) + place.view({1, 64}) > 400).to(at::kFloat);
    const Tensor views = outside.expand({3, 3, 64, 64}).clone();
    for (std::int64_t i = 0; i < 3; ++i) views[i][i].fill_(1);
    const auto unit = [](const Tensor& x) { return x / x.norm(2, 1, true); };
    const Tensor texts = mini->encode_text({"red circle", "green circle", "blue circle"}, false);
    const Tensor cosines = at::matmul(unit(mini->encode_image(views)), unit(texts).t());
    EXPECT_TRUE(at::equal(cosines.argmax(1), at::arange(3))) << cosines;
    EXPECT_TRUE(at::equal(cosines.argmax(0), at::arange(3))) << cosines;
    EXPECT_GT(at::diag(cosines).min().item<double>(), 0.25);  // measured 0.32 for the least; cosines of unrelated pairs lie about 0
    EXPECT_EQ(mini->hash(), sha256_file(kMini / "open_clip_model.safetensors"));
}

TEST(Mini, GradientIsTheSlope) {
    // the fast tower's gradient along itself against a central difference of the plain tower in double precision
    const ModelFiles files = find_weights(kMini);
    WeightTable table(open_tensors(files.weights), "mini");
    const Architecture net = infer_architecture(table, read_model_config(files.folder, false), "mini");
    const ResNetWeights weights = take_resnet(table, net);
    const auto exact = make_plain_tower(weights, {at::kCPU, at::kDouble});
    const auto fast = make_fast_tower(make_fast_network(weights, NumberType::f32), 0);
    Tensor views = at::empty({1, 3, 64, 64}), along = at::empty({1, net.embedding});
    fill_normal({.seed = 3}, views.data_ptr<float>(), static_cast<std::size_t>(views.numel()));
    fill_normal({.seed = 4}, along.data_ptr<float>(), static_cast<std::size_t>(along.numel()));
    const Tensor input = views.clone().requires_grad_(true);
    (fast->forward(input) * along).sum().backward();
    const Tensor direction = input.grad().to(at::kDouble) / input.grad().norm();
    const at::NoGradGuard no_gradient;
    const auto value = [&](double step) { return (exact->forward(views.to(at::kDouble) + step * direction) * along).sum().item<double>(); };
    constexpr double kStep = 1e-6;  // so small that hardly any rectifier changes sides; double precision leaves nine digits
    const double slope = (value(kStep) - value(-kStep)) / (2 * kStep);
    EXPECT_NEAR(input.grad().norm().item<double>() / slope, 1, 1e-4);  // float32 through six blocks
}

TEST(Processor, HasCores) { EXPECT_GE(physical_cores(), 1); }

}  // namespace
}  // namespace clipig
