// CLIP's ResNet: a stem of three convolutions, average pooling instead of strides ("Bag of tricks", He et al. 2019; antialiasing
// after Zhang 2019), and an attention pool. Batch norm is frozen and folded into the convolutions.
#include <ATen/Parallel.h>

#include <cmath>

#include "towers/weight_table.h"
#include "towers/towers.h"

namespace clipig {
namespace {

/// Rows of a weight [out,...] times their scales (float64), rounded once, in place.
void scale_rows(const Tensor& weight, const Tensor& scale) {
    const std::int64_t rows = weight.size(0), length = weight.numel() / rows;
    float* const data = weight.data_ptr<float>();
    const double* const factors = scale.data_ptr<double>();
    at::parallel_for(0, rows, 16, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t row = first; row < last; ++row) {
            for (std::int64_t i = row * length; i < (row + 1) * length; ++i) {
                data[i] = static_cast<float>(static_cast<double>(data[i]) * factors[row]);
            }
        }
    });
}

/// A convolution `name.weight` and the batch norm `norm.*` after it: w' = w g / sqrt(var + eps), b' = b - mean g / sqrt(var + eps).
Convolution take_convolution(WeightTable& table, const std::string& name, const std::string& norm, const Shape& shape,
                             std::int64_t stride = 1) {
    constexpr double kEpsilon = 1e-5;
    const Tensor weight = table.take(name + ".weight", shape);  // a copy of the file's
    const auto statistic = [&](const char* what) { return table.take(norm + what, {shape[0]}).to(at::kDouble); };
    const Tensor gain = statistic(".weight"), bias = statistic(".bias"), mean = statistic(".running_mean"),
                 variance = statistic(".running_var");
    const Tensor scale = gain / at::sqrt(variance + kEpsilon);
    scale_rows(weight, scale);
    return {weight, (bias - mean * scale).to(at::kFloat), stride};
}

Bottleneck take_bottleneck(WeightTable& table, const std::string& at, std::int64_t in, std::int64_t width, bool pooled) {
    Bottleneck block;
    block.reduce = take_convolution(table, at + "conv1", at + "bn1", {width, in, 1, 1});
    block.middle = take_convolution(table, at + "conv2", at + "bn2", {width, width, 3, 3});
    block.expand = take_convolution(table, at + "conv3", at + "bn3", {4 * width, width, 1, 1});
    block.pooled = pooled;
    block.has_shortcut = pooled || in != 4 * width;
    if (block.has_shortcut) block.shortcut = take_convolution(table, at + "downsample.0", at + "downsample.1", {4 * width, in, 1, 1});
    return block;
}

Tensor convolve(const Tensor& x, const Convolution& convolution) {
    return at::conv2d(x, convolution.weight, convolution.bias, convolution.stride, convolution.weight.size(2) / 2);
}

class PlainResNet : public ImageTower {
public:
    PlainResNet(const ResNetWeights& weights, const Placement& placement) : weights_(weights), placement_(placement) {
        const auto place = [&](Tensor& tensor) {
            if (tensor.defined()) tensor = tensor.to(placement.device, placement.type);
        };
        const auto place_convolution = [&](Convolution& convolution) {
            place(convolution.weight);
            place(convolution.bias);
        };
        for (Convolution& convolution : weights_.stem) place_convolution(convolution);
        for (Bottleneck& block : weights_.blocks) {
            for (Convolution* convolution : {&block.reduce, &block.middle, &block.expand, &block.shortcut}) place_convolution(*convolution);
        }
        for (Tensor* tensor : {&weights_.places, &weights_.query_weight, &weights_.query_bias, &weights_.key_weight, &weights_.key_bias,
                               &weights_.value_weight, &weights_.value_bias, &weights_.out_weight, &weights_.out_bias}) {
            place(*tensor);
        }
    }

    [[nodiscard]] Tensor forward(const Tensor& views) const override {
        Tensor x = views.to(placement_.type);
        for (const Convolution& convolution : weights_.stem) x = at::relu(convolve(x, convolution));
        x = at::avg_pool2d(x, 2);
        for (const Bottleneck& block : weights_.blocks) {
            Tensor y = at::relu(convolve(at::relu(convolve(x, block.reduce)), block.middle));
            if (block.pooled) y = at::avg_pool2d(y, 2);
            y = convolve(y, block.expand);
            const Tensor shortcut = block.has_shortcut ? convolve(block.pooled ? at::avg_pool2d(x, 2) : x, block.shortcut) : x;
            x = at::relu(y + shortcut);
        }
        return attention_pool(weights_, x).to(placement_.output());
    }

    /// As they are stored: four numbers of batch norm per channel, of which folding leaves one.
    [[nodiscard]] std::int64_t parameters() const override {
        std::int64_t count = 0;
        const auto add = [&count](const Convolution& c) { count += c.weight.defined() ? c.weight.numel() + 2 * c.bias.numel() : 0; };
        for (const Convolution& convolution : weights_.stem) add(convolution);
        for (const Bottleneck& block : weights_.blocks) {
            for (const Convolution* convolution : {&block.reduce, &block.middle, &block.expand, &block.shortcut}) add(*convolution);
        }
        const auto width = weights_.net.pool_width();
        return count + weights_.places.numel() + 3 * (width * width + width) + weights_.out_weight.numel() + weights_.out_bias.numel();
    }

private:
    ResNetWeights weights_;
    Placement placement_;
};

}  // namespace

ResNetWeights take_resnet(WeightTable& table, const Architecture& net) {
    ResNetWeights weights;
    weights.net = net;
    const auto width = net.stem_width, half = width / 2;
    weights.stem[0] = take_convolution(table, "visual.conv1", "visual.bn1", {half, 3, 3, 3}, 2);
    weights.stem[1] = take_convolution(table, "visual.conv2", "visual.bn2", {half, half, 3, 3});
    weights.stem[2] = take_convolution(table, "visual.conv3", "visual.bn3", {width, half, 3, 3});
    std::int64_t in = width;
    for (std::size_t stage = 0; stage < 4; ++stage) {
        const std::int64_t planes = width << stage;
        for (std::int64_t i = 0; i < net.stages[stage]; ++i) {
            const std::string at = "visual.layer" + std::to_string(stage + 1) + "." + std::to_string(i) + ".";
            weights.blocks.push_back(take_bottleneck(table, at, in, planes, stage > 0 && i == 0));
            in = 4 * planes;
        }
    }
    const auto pool = net.pool_width();
    const std::string at = "visual.attnpool.";
    weights.places = table.take(at + "positional_embedding", {1 + net.grid() * net.grid(), pool});
    weights.query_weight = table.take(at + "q_proj.weight", {pool, pool});
    weights.query_bias = table.take(at + "q_proj.bias", {pool});
    weights.key_weight = table.take(at + "k_proj.weight", {pool, pool});
    weights.key_bias = table.take(at + "k_proj.bias", {pool});
    weights.value_weight = table.take(at + "v_proj.weight", {pool, pool});
    weights.value_bias = table.take(at + "v_proj.bias", {pool});
    weights.out_weight = table.take(at + "c_proj.weight", {net.embedding, pool});
    weights.out_bias = table.take(at + "c_proj.bias", {net.embedding});
    return weights;
}

Tensor attention_pool(const ResNetWeights& weights, const Tensor& features) {
    const ResNetWeights& w = weights;
    const auto count = features.size(0), width = features.size(1), heads = w.net.pool_heads;
    const Tensor places = features.flatten(2).transpose(1, 2);
    const Tensor tokens = at::cat({places.mean(1, true), places}, 1) + w.places;
    const auto split = [&](const Tensor& x) { return x.view({count, x.size(1), heads, width / heads}).transpose(1, 2); };
    const double scale = 1.0 / std::sqrt(static_cast<double>(width / heads));
    const Tensor query = split(at::linear(tokens.narrow(1, 0, 1), w.query_weight, w.query_bias) * scale);
    const Tensor key = split(at::linear(tokens, w.key_weight, w.key_bias));
    const Tensor value = split(at::linear(tokens, w.value_weight, w.value_bias));
    const Tensor mixed = at::matmul(at::softmax(at::matmul(query, key.transpose(-2, -1)), -1), value);
    return at::linear(mixed.reshape({count, width}), w.out_weight, w.out_bias);
}

std::unique_ptr<ImageTower> make_plain_tower(const ResNetWeights& weights, const Placement& placement) {
    return std::make_unique<PlainResNet>(weights, placement);
}

}  // namespace clipig
