// The ViT image tower: Dosovitskiy et al., "An image is worth 16x16 words", 2021, with CLIP's norm before the blocks.
#include "towers/weight_table.h"
#include "towers/towers.h"

namespace clipig {
namespace {

class PlainVit : public ImageTower {
public:
    PlainVit(const VitWeights& weights, const Placement& placement) : weights_(weights), placement_(placement) {
        for (Tensor* tensor : {&weights_.patch, &weights_.class_embedding, &weights_.places, &weights_.pre_weight, &weights_.pre_bias,
                               &weights_.post_weight, &weights_.post_bias, &weights_.projection}) {
            *tensor = tensor->to(placement.device, placement.type);
        }
        weights_.transformer = placed(weights.transformer, placement);
    }

    [[nodiscard]] Tensor forward(const Tensor& views) const override {
        const VitWeights& w = weights_;
        const Shape width{w.transformer.shape.width};
        const double epsilon = w.transformer.shape.epsilon;
        const Tensor patches = at::conv2d(views.to(placement_.type), w.patch, {}, w.net.patch).flatten(2).transpose(1, 2);
        const Tensor first = w.class_embedding.expand({views.size(0), 1, width[0]});
        Tensor x = at::cat({first, patches}, 1) + w.places;
        x = run_transformer(w.transformer, at::layer_norm(x, width, w.pre_weight, w.pre_bias, epsilon), {});
        const Tensor pooled = at::layer_norm(x.select(1, 0), width, w.post_weight, w.post_bias, epsilon);
        return at::matmul(pooled, w.projection).to(placement_.output());
    }

    [[nodiscard]] std::int64_t parameters() const override {
        const VitWeights& w = weights_;
        return w.patch.numel() + w.class_embedding.numel() + w.places.numel() + 4 * w.pre_weight.numel() + w.projection.numel() +
               count_parameters(w.transformer);
    }

private:
    VitWeights weights_;
    Placement placement_;
};

}  // namespace

VitWeights take_vit(WeightTable& table, const Architecture& net) {
    VitWeights weights;
    const auto width = net.vision.width;
    weights.net = net;
    weights.patch = table.take("visual.conv1.weight", {width, 3, net.patch, net.patch});
    weights.class_embedding = table.take("visual.class_embedding", {width});
    weights.places = table.take("visual.positional_embedding", {1 + net.grid() * net.grid(), width});
    weights.pre_weight = table.take("visual.ln_pre.weight", {width});
    weights.pre_bias = table.take("visual.ln_pre.bias", {width});
    weights.post_weight = table.take("visual.ln_post.weight", {width});
    weights.post_bias = table.take("visual.ln_post.bias", {width});
    weights.transformer = take_transformer(table, "visual.transformer.resblocks.", net.vision);
    weights.projection = table.take("visual.proj", {width, net.embedding});
    return weights;
}

std::unique_ptr<ImageTower> make_plain_tower(const VitWeights& weights, const Placement& placement) {
    return std::make_unique<PlainVit>(weights, placement);
}

}  // namespace clipig
