// Features, loss and gradient of tiny random CLIPs against what the original Python code gave (float32, torch 1.13).
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cstdlib>
#include <filesystem>

#include "towers/clip.h"
#include "towers/model_config.h"
#include "towers/weight_table.h"

namespace clipig {
namespace {

namespace fs = std::filesystem;

double relative_difference(const Tensor& ours, const Tensor& truth) {
    return (ours - truth).abs().max().item<double>() / truth.abs().max().item<double>();
}

/// The loss of the golden files: the sum over all pairs of 1 - cosine.
Tensor pair_loss(const Tensor& images, const Tensor& texts) {
    const auto unit = [](const Tensor& x) { return x / x.norm(2, 1, true); };
    return (1 - at::matmul(unit(images), unit(texts).t())).sum();
}

void expect_golden(const fs::path& golden, const fs::path& weights, const ModelOptions& options) {
    SCOPED_TRACE(weights.string());
    // float32 sums in another order: measured 6e-7
    constexpr double kTolerance = 1e-5;
    const auto file = open_tensors(golden);
    const auto get = [&file](const char* name) { return to_float(*file->find(name)); };
    const ModelFiles found = find_weights(weights);
    const Clip clip(found.weights, found.folder, "tiny", options);
    const Tensor texts = clip.encode_tokens(get("tokens").to(at::kLong));
    EXPECT_LT(relative_difference(texts, get("text_features")), kTolerance);
    const Tensor image = get("image").requires_grad_(true);
    const Tensor features = clip.encode_image(image);
    EXPECT_LT(relative_difference(features, get("image_features")), kTolerance);
    const Tensor loss = pair_loss(features, texts);
    EXPECT_NEAR(loss.item<double>(), get("loss").item<double>(), kTolerance);
    loss.backward();
    EXPECT_LT(relative_difference(image.grad(), get("image_grad")), kTolerance);
}

const fs::path kGolden = CLIPIG_SOURCE_DIR "/tests/golden";

class EveryPath : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Golden, EveryPath, testing::Values(true, false), [](const auto& path) { return path.param ? "plain" : "fast"; });

TEST_P(EveryPath, TinyVitInEveryLayout) {
    const ModelOptions options{.precision = "fp32", .plain = GetParam()};
    for (const char* name : {"clip_vit_tiny.safetensors", "clip_vit_tiny.pt", "clip_vit_tiny_state_dict.pt", "clip_vit_tiny_hf"}) {
        expect_golden(kGolden / "clip_vit_tiny_golden.safetensors", kGolden / name, options);
    }
}

TEST_P(EveryPath, TinyResNetInEveryLayout) {
    const char* folder = std::getenv("CLIPIG_GOLDEN");
    if (folder == nullptr) GTEST_SKIP() << "CLIPIG_GOLDEN names no folder with clip_rn_tiny.*";
    const ModelOptions options{.precision = "fp32", .plain = GetParam()};
    for (const char* name : {"clip_rn_tiny.safetensors", "clip_rn_tiny.pt", "clip_rn_tiny_state_dict.pt"}) {
        expect_golden(fs::path(folder) / "clip_rn_tiny_golden.safetensors", fs::path(folder) / name, options);
    }
}

}  // namespace
}  // namespace clipig
