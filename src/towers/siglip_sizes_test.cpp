// The published SigLIP networks, as files of zeros: recognised by their shapes alone.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/test_folder.h"
#include "towers/clip.h"
#include "towers/model_config.h"
#include "towers/weight_table.h"

namespace clipig {
namespace {

namespace fs = std::filesystem;

/// A weight file in a folder of its own that disappears with the test.
class WeightFile {
public:
    [[nodiscard]] fs::path path() const { return folder_ / "w.safetensors"; }

private:
    test::TemporaryFolder folder_;
};

/// The tensors of a published SigLIP, zeros that take no room on the disk.
void write_published(const fs::path& path, std::int64_t width, std::int64_t hidden, std::int64_t layers, std::int64_t patch,
                     std::int64_t grid, std::int64_t context, std::int64_t vocabulary) {
    nlohmann::json header;
    std::uint64_t at = 0;
    const auto add = [&](const std::string& name, const Shape& shape) {
        std::uint64_t size = 2;
        for (const std::int64_t length : shape) size *= static_cast<std::uint64_t>(length);
        header[name] = {{"dtype", "F16"}, {"shape", shape}, {"data_offsets", {at, at + size}}};
        at += size;
    };
    const auto pair = [&](const std::string& name, std::int64_t out, std::int64_t in) {
        add(name + "weight", in > 0 ? Shape{out, in} : Shape{out});
        add(name + "bias", {out});
    };
    const std::string t = "visual.trunk.";
    add(t + "patch_embed.proj.weight", {width, 3, patch, patch});
    add(t + "patch_embed.proj.bias", {width});
    add(t + "pos_embed", {1, grid * grid, width});
    for (std::int64_t i = 0; i < layers; ++i) {
        for (const bool text : {false, true}) {
            const std::string b = (text ? "text.transformer.resblocks." : t + "blocks.") + std::to_string(i) + ".";
            pair(b + (text ? "ln_1." : "norm1."), width, 0);
            pair(b + (text ? "attn.in_proj_" : "attn.qkv."), 3 * width, width);
            pair(b + (text ? "attn.out_proj." : "attn.proj."), width, width);
            pair(b + (text ? "ln_2." : "norm2."), width, 0);
            pair(b + (text ? "mlp.c_fc." : "mlp.fc1."), hidden, width);
            pair(b + (text ? "mlp.c_proj." : "mlp.fc2."), width, hidden);
        }
    }
    pair(t + "norm.", width, 0);
    add(t + "attn_pool.latent", {1, 1, width});
    pair(t + "attn_pool.q.", width, width);
    pair(t + "attn_pool.kv.", 2 * width, width);
    pair(t + "attn_pool.proj.", width, width);
    pair(t + "attn_pool.norm.", width, 0);
    pair(t + "attn_pool.mlp.fc1.", hidden, width);
    pair(t + "attn_pool.mlp.fc2.", width, hidden);
    add("text.token_embedding.weight", {vocabulary, width});
    add("text.positional_embedding", {context, width});
    pair("text.ln_final.", width, 0);
    pair("text.text_projection.", width, width);
    add("logit_scale", {});
    add("logit_bias", {});
    const std::string text = header.dump();
    const std::uint64_t length = text.size();
    std::ofstream out(path, std::ios::binary);
    out.write(reinterpret_cast<const char*>(&length), sizeof length);
    out << text;
    out.close();
    fs::resize_file(path, sizeof length + length + at);
}

TEST(SiglipSizes, PublishedSizes) {
    const WeightFile file;
    const auto infer = [&] {
        const WeightTable table(open_tensors(file.path()), "w");
        return infer_architecture(table, {}, "w");
    };
    write_published(file.path(), 768, 3072, 12, 16, 14, 64, 32000);
    Architecture net = infer();
    EXPECT_EQ(net.common_name(), "SigLIP ViT-B/16");
    EXPECT_EQ(net.view_size, 224);
    EXPECT_EQ(net.vision.heads, 12);
    EXPECT_EQ(net.text.heads, 12);
    EXPECT_EQ(net.text.activation, Activation::gelu);
    write_published(file.path(), 1152, 4304, 27, 16, 16, 64, 256000);
    net = infer();
    EXPECT_EQ(net.common_name(), "SigLIP ViT-SO400M/16");
    EXPECT_EQ(net.vision.heads, 16);
    EXPECT_EQ(net.text.heads, 16);
    EXPECT_EQ(net.vision.hidden, 4304);
    EXPECT_EQ(net.vision.activation, Activation::gelu_tanh) << "the towers of the second series with patches of 16";
    EXPECT_EQ(net.text.activation, Activation::gelu_tanh);
    EXPECT_EQ(net.mean[0], .5);
    EXPECT_EQ(net.resize_mode, "squash");
}

TEST(SiglipSizes, PublishedBaseRuns) {
    if (std::getenv("CLIPIG_SLOW_TESTS") == nullptr) GTEST_SKIP() << "CLIPIG_SLOW_TESTS is not set";
    const WeightFile file;
    write_published(file.path(), 768, 3072, 12, 16, 14, 64, 32000);
    const auto clip = std::dynamic_pointer_cast<Clip>(load_clip(file.path(), "s", {.precision = "fp32", .plain = true}));
    const at::NoGradGuard no_gradient;
    const Tensor features = clip->encode_image(at::rand({1, 3, 224, 224}));
    EXPECT_EQ(features.sizes(), (at::IntArrayRef{1, 768}));
    EXPECT_TRUE(at::isfinite(features).all().item<bool>());
    EXPECT_EQ(clip->encode_tokens(at::ones({1, 64}, at::kLong)).sizes(), (at::IntArrayRef{1, 768}));
}

}  // namespace
}  // namespace clipig
