#include "towers/memory_need.h"

#include <algorithm>

namespace clipig {
namespace {

double number(std::int64_t value) { return static_cast<double>(value); }

/// The bottlenecks of a ModifiedResNet, one after the other.
struct BottleneckSize {
    double side = 0, in = 0, planes = 0, out_side = 0;
    [[nodiscard]] double out() const { return 4 * planes; }
    [[nodiscard]] bool shortcut() const { return in != out() || side != out_side; }
};

template <class F>
void for_each_bottleneck(const Architecture& net, F call) {
    BottleneckSize block;
    block.side = number(net.view_size) / 4;
    block.in = number(net.stem_width);
    for (std::size_t stage = 0; stage < 4; ++stage) {
        block.planes = number(net.stem_width) * static_cast<double>(1 << stage);
        for (std::int64_t i = 0; i < net.stages[stage]; ++i) {
            block.out_side = stage > 0 && i == 0 ? block.side / 2 : block.side;
            call(block);
            block.side = block.out_side;
            block.in = block.out();
        }
    }
}

double tokens_of(const Architecture& net) { return number(net.grid() * net.grid()) + (net.attention_pooled ? 0 : 1); }

/// One view through a ViT. Fast: two sets of normed rows, q k v and the slope stay; stock: inputs and outputs of each operation.
double vit_bytes(const Architecture& net, ComputeKind kind) {
    const double width = number(net.vision.width), hidden = number(net.vision.hidden), tokens = tokens_of(net);
    const double patch = 3 * number(net.patch * net.patch), element = static_cast<double>(kind.element), layers = number(net.vision.layers);
    if (!kind.fast) {
        const double scores = number(net.vision.heads) * tokens;
        return tokens * element * (layers * (10 * width + 3 * hidden + 2 * scores) + 2 * patch);
    }
    // whole blocks; then rows before the first norm, and normed rows, k and v of CLIP's last block or SigLIP's pool
    const double whole = net.attention_pooled ? layers : layers - 1, ends = net.attention_pooled ? 3 : 4;
    const double kept = tokens * (whole * (5 * width + hidden) + ends * width);
    const double working = tokens * (sizeof(float) * (width + std::max(width, patch)) + element * (5 * width + hidden + patch));
    return kept * element + working;
}

/// One view through a ModifiedResNet. Fast: what follows each convolution stays; stock: before and after each norm and each rectifier.
double resnet_bytes(const Architecture& net, ComputeKind kind) {
    const double stem = number(net.view_size * net.view_size) / 4, channels = number(net.stem_width);
    double kept = stem * 2 * channels + stem / 4 * channels, largest = stem * std::max(27.0, channels);
    for_each_bottleneck(net, [&](const BottleneckSize& block) {
        const double in = block.side * block.side, out = block.out_side * block.out_side;
        kept += 2 * in * block.planes + out * block.out();
        largest = std::max(largest, in * std::max(block.in, block.out()));
    });
    return static_cast<double>(kind.element) * (kind.fast ? kept + 3 * largest : 3 * kept + 3 * largest);
}

double image_weights(const Architecture& net) {
    if (net.vit) {
        const double width = number(net.vision.width);
        return number(net.vision.layers) * (4 * width * width + 2 * width * number(net.vision.hidden)) +
               3 * number(net.patch * net.patch) * width +
               (net.attention_pooled ? 4 * width * width + 2 * width * number(net.pool_hidden) : width * number(net.embedding));
    }
    const double stem = number(net.stem_width), pool = number(net.pool_width());
    double sum = 9 * (3 * stem / 2 + stem * stem / 4 + stem * stem / 2) + 3 * pool * pool + pool * number(net.embedding);
    for_each_bottleneck(net, [&](const BottleneckSize& block) {
        sum += block.in * block.planes + 9 * block.planes * block.planes + block.planes * block.out() +
               (block.shortcut() ? block.in * block.out() : 0);
    });
    return sum;
}

double text_weights(const Architecture& net) {
    const double width = number(net.text.width);
    return number(net.text.layers) * (4 * width * width + 2 * width * number(net.text.hidden)) + number(net.vocabulary) * width;
}

}  // namespace

double working_bytes(const Architecture& net, ComputeKind kind, std::int64_t count) {
    const double view = 3 * number(net.view_size * net.view_size) * sizeof(float);  // normalised, and its gradient
    return number(count) * ((net.vit ? vit_bytes(net, kind) : resnet_bytes(net, kind)) + 3 * view);
}

double weight_bytes(const Architecture& net, ComputeKind kind) {
    const double copies = kind.fast ? 2 : 1;  // packed once for each direction
    return image_weights(net) * copies * static_cast<double>(kind.element) + text_weights(net) * sizeof(float);
}

}  // namespace clipig
