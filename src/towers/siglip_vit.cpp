// The image tower of SigLIP: Zhai et al., "Sigmoid loss for language image pre-training", 2023, as timm writes it: a ViT without class
// token, whose places are mixed by one learned query (Zhai et al., "Scaling vision transformers", 2022).
#include <cmath>

#include "towers/towers.h"
#include "towers/weight_table.h"

namespace clipig {
namespace {

class SiglipVit : public ImageTower {
public:
    SiglipVit(const SiglipWeights& weights, const Placement& placement) : weights_(weights), placement_(placement) {
        for (Tensor* tensor : all_of(weights_)) *tensor = tensor->to(placement.device, placement.type);
        weights_.transformer = placed(weights.transformer, placement);
    }

    [[nodiscard]] Tensor forward(const Tensor& views) const override {
        const SiglipWeights& w = weights_;
        const TransformerShape& shape = w.transformer.shape;
        const Tensor patches = at::conv2d(views.to(placement_.type), w.patch, w.patch_bias, w.net.patch).flatten(2).transpose(1, 2);
        const Tensor x = run_transformer(w.transformer, patches + w.places, {});
        const Tensor pooled = pool(at::layer_norm(x, {shape.width}, w.post_weight, w.post_bias, shape.epsilon));
        const Tensor normed = at::layer_norm(pooled, {shape.width}, w.norm_weight, w.norm_bias, shape.epsilon);
        const Tensor hidden = activate(at::linear(normed, w.up_weight, w.up_bias), shape.activation);
        return (pooled + at::linear(hidden, w.down_weight, w.down_bias)).to(placement_.output());
    }

    [[nodiscard]] std::int64_t parameters() const override {
        SiglipWeights copy = weights_;
        std::int64_t count = count_parameters(weights_.transformer);
        for (const Tensor* tensor : all_of(copy)) count += tensor->numel();
        return count;
    }

private:
    static std::vector<Tensor*> all_of(SiglipWeights& w) {
        return {&w.patch,      &w.patch_bias, &w.places,      &w.post_weight, &w.post_bias, &w.latent,  &w.qkv_weight,  &w.qkv_bias,
                &w.out_weight, &w.out_bias,   &w.norm_weight, &w.norm_bias,   &w.up_weight, &w.up_bias, &w.down_weight, &w.down_bias};
    }

    /// Multi-head attention of the learned query to x [N,L,W] -> [N,W].
    [[nodiscard]] Tensor pool(const Tensor& x) const {
        const SiglipWeights& w = weights_;
        const auto count = x.size(0), length = x.size(1), width = x.size(2), heads = w.transformer.shape.heads;
        const auto rows = [&](const Tensor& tensor, std::int64_t first, std::int64_t n) { return tensor.narrow(0, first, n); };
        const double scale = 1 / std::sqrt(static_cast<double>(width / heads));
        const Tensor query = at::linear(w.latent, rows(w.qkv_weight, 0, width), rows(w.qkv_bias, 0, width)) * scale;
        const Tensor both = at::linear(x, rows(w.qkv_weight, width, 2 * width), rows(w.qkv_bias, width, 2 * width));
        const Tensor split = both.view({count, length, 2, heads, width / heads}).permute({2, 0, 3, 1, 4});
        const Tensor logits = at::matmul(query.view({1, heads, 1, width / heads}), split[0].transpose(-2, -1));
        const Tensor mixed = at::matmul(at::softmax(logits, -1), split[1]);
        return at::linear(mixed.reshape({count, width}), w.out_weight, w.out_bias);
    }

    SiglipWeights weights_;
    Placement placement_;
};

}  // namespace

SiglipWeights take_siglip(WeightTable& table, const Architecture& net) {
    SiglipWeights w;
    w.net = net;
    const auto width = net.vision.width, hidden = net.pool_hidden, places = net.grid() * net.grid();
    w.patch = table.take("visual.conv1.weight", {width, 3, net.patch, net.patch});
    w.patch_bias = table.take("visual.conv1.bias", {width});
    w.places = table.take("visual.positional_embedding", {places, width});
    w.transformer = take_transformer(table, "visual.transformer.resblocks.", net.vision);
    w.post_weight = table.take("visual.ln_post.weight", {width});
    w.post_bias = table.take("visual.ln_post.bias", {width});
    const std::string pool = "visual.attn_pool.";
    w.latent = table.take(pool + "latent", {1, width});
    w.qkv_weight = table.take(pool + "in_proj_weight", {3 * width, width});
    w.qkv_bias = table.take(pool + "in_proj_bias", {3 * width});
    w.out_weight = table.take(pool + "out_proj.weight", {width, width});
    w.out_bias = table.take(pool + "out_proj.bias", {width});
    w.norm_weight = table.take(pool + "ln.weight", {width});
    w.norm_bias = table.take(pool + "ln.bias", {width});
    w.up_weight = table.take(pool + "mlp.c_fc.weight", {hidden, width});
    w.up_bias = table.take(pool + "mlp.c_fc.bias", {hidden});
    w.down_weight = table.take(pool + "mlp.c_proj.weight", {width, hidden});
    w.down_bias = table.take(pool + "mlp.c_proj.bias", {width});
    return w;
}

std::unique_ptr<ImageTower> make_plain_tower(const SiglipWeights& weights, const Placement& placement) {
    return std::make_unique<SiglipVit>(weights, placement);
}

}  // namespace clipig
