// The pre-norm transformer of CLIP: Radford et al., "Learning transferable visual models from natural language supervision", 2021.
#include <cmath>

#include "towers/weight_table.h"
#include "towers/towers.h"

namespace clipig {
namespace {

/// Multi-head self-attention of x [N,L,W].
Tensor attention(const BlockWeights& block, const Tensor& x, std::int64_t heads, const Tensor& mask) {
    const auto count = x.size(0), length = x.size(1), width = x.size(2);
    const Tensor qkv =
        at::linear(x, block.qkv_weight, block.qkv_bias).view({count, length, 3, heads, width / heads}).permute({2, 0, 3, 1, 4});
    const double scale = 1.0 / std::sqrt(static_cast<double>(width / heads));
    Tensor logits = at::matmul(qkv[0] * scale, qkv[1].transpose(-2, -1));
    if (mask.defined()) logits = logits + mask;
    const Tensor mixed = at::matmul(at::softmax(logits, -1), qkv[2]);
    return at::linear(mixed.transpose(1, 2).reshape({count, length, width}), block.out_weight, block.out_bias);
}

}  // namespace

Tensor activate(const Tensor& x, Activation activation) {
    switch (activation) {
        case Activation::quick_gelu: return x * at::sigmoid(x * 1.702);
        case Activation::gelu_tanh: return at::gelu(x, "tanh");
        case Activation::gelu: break;
    }
    return at::gelu(x);
}

TransformerWeights take_transformer(WeightTable& table, const std::string& prefix, const TransformerShape& shape) {
    TransformerWeights weights{shape, {}};
    const auto width = shape.width, hidden = shape.hidden;
    for (std::int64_t i = 0; i < shape.layers; ++i) {
        const std::string at = prefix + std::to_string(i) + ".";
        BlockWeights block;
        block.norm1_weight = table.take(at + "ln_1.weight", {width});
        block.norm1_bias = table.take(at + "ln_1.bias", {width});
        block.norm2_weight = table.take(at + "ln_2.weight", {width});
        block.norm2_bias = table.take(at + "ln_2.bias", {width});
        block.qkv_weight = table.take(at + "attn.in_proj_weight", {3 * width, width});
        block.qkv_bias = table.take(at + "attn.in_proj_bias", {3 * width});
        block.out_weight = table.take(at + "attn.out_proj.weight", {width, width});
        block.out_bias = table.take(at + "attn.out_proj.bias", {width});
        block.up_weight = table.take(at + "mlp.c_fc.weight", {hidden, width});
        block.up_bias = table.take(at + "mlp.c_fc.bias", {hidden});
        block.down_weight = table.take(at + "mlp.c_proj.weight", {width, hidden});
        block.down_bias = table.take(at + "mlp.c_proj.bias", {width});
        if (shape.layer_scale) {
            const Tensor first = table.take(at + "ls_1.gamma", {width}), second = table.take(at + "ls_2.gamma", {width});
            block.out_weight.mul_(first.unsqueeze(1));
            block.out_bias.mul_(first);
            block.down_weight.mul_(second.unsqueeze(1));
            block.down_bias.mul_(second);
        }
        weights.blocks.push_back(std::move(block));
    }
    return weights;
}

TransformerWeights placed(const TransformerWeights& weights, const Placement& placement) {
    TransformerWeights copy = weights;
    for (BlockWeights& block : copy.blocks) {
        for (Tensor* tensor :
             {&block.norm1_weight, &block.norm1_bias, &block.norm2_weight, &block.norm2_bias, &block.qkv_weight, &block.qkv_bias,
              &block.out_weight, &block.out_bias, &block.up_weight, &block.up_bias, &block.down_weight, &block.down_bias}) {
            *tensor = tensor->to(placement.device, placement.type);
        }
    }
    return copy;
}

std::int64_t count_parameters(const TransformerWeights& weights) {
    const auto width = weights.shape.width, hidden = weights.shape.hidden;
    return weights.shape.layers * (4 * width + 4 * width * width + 4 * width + 2 * width * hidden + hidden + width);
}

Tensor run_transformer(const TransformerWeights& weights, Tensor x, const Tensor& mask) {
    const Shape width{weights.shape.width};
    const double epsilon = weights.shape.epsilon;
    for (const BlockWeights& block : weights.blocks) {
        x = x + attention(block, at::layer_norm(x, width, block.norm1_weight, block.norm1_bias, epsilon), weights.shape.heads, mask);
        const Tensor normed = at::layer_norm(x, width, block.norm2_weight, block.norm2_bias, epsilon);
        const Tensor hidden = activate(at::linear(normed, block.up_weight, block.up_bias), weights.shape.activation);
        x = x + at::linear(hidden, block.down_weight, block.down_bias);
    }
    return x;
}

}  // namespace clipig
