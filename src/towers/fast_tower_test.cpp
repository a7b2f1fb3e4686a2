// The fast towers against the plain ones on random networks and views: features and gradient, and bit equality.
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <ATen/Parallel.h>

#include "base/random.h"
#include "towers/buffer_pool.h"
#include "towers/fast_tower.h"
#include "towers/memory_need.h"
#include "towers/processor.h"
#include "towers/random_model.h"
#include "towers/weight_table.h"

namespace clipig {
namespace {

Tensor random_tensor(const Shape& shape, std::uint64_t seed) {
    Tensor tensor = at::empty(shape);
    fill_normal({.seed = seed}, tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel()));
    return tensor;
}

struct Result {
    Tensor features, gradient;
};

/// Features of the views, and the gradient of their product with a fixed random tensor.
Result run(const ImageTower& tower, const Tensor& views, const Tensor& weights) {
    const Tensor input = views.clone().requires_grad_(true);
    const Tensor features = tower.forward(input);
    (features * weights).sum().backward();
    return {features.detach(), input.grad()};
}

double relative_difference(const Tensor& ours, const Tensor& truth) { return ((ours - truth).norm() / truth.norm()).item<double>(); }

struct Towers {
    std::unique_ptr<ImageTower> plain, fast;
    Tensor views, weights;
};

template <class Weights>
void add_towers(Towers& towers, const Weights& weights, NumberType type) {
    towers.plain = make_plain_tower(weights, {});
    towers.fast = make_fast_tower(make_fast_network(weights, type), 0);
}

Towers make_towers(const Architecture& net, NumberType type, std::int64_t count = 3) {
    WeightTable table(random_tensor_file(net, 7), "random");
    Towers towers;
    if (net.attention_pooled) {
        add_towers(towers, take_siglip(table, net), type);
    } else if (net.vit) {
        add_towers(towers, take_vit(table, net), type);
    } else {
        add_towers(towers, take_resnet(table, net), type);
    }
    towers.views = random_tensor({count, 3, net.view_size, net.view_size}, 8);
    towers.weights = random_tensor({count, net.embedding}, 9);
    return towers;
}

void expect_same_as_plain(const Architecture& net, NumberType type, double tolerance, double gradient_tolerance) {
    const Towers towers = make_towers(net, type);
    const Result plain = run(*towers.plain, towers.views, towers.weights), fast = run(*towers.fast, towers.views, towers.weights);
    EXPECT_LT(relative_difference(fast.features, plain.features), tolerance);
    EXPECT_LT(relative_difference(fast.gradient, plain.gradient), gradient_tolerance);
    const at::NoGradGuard no_gradient;
    EXPECT_TRUE(at::equal(towers.fast->forward(towers.views), fast.features)) << "without a tape the same features come out";
}

// float32 in another order of sums and with folded norms: measured up to 2e-6
constexpr double kExact = 2e-5;
// bfloat16 keeps 8 bits of every factor: measured around 1 %
constexpr double kRounded = 0.05;

Architecture with_activation(Architecture net, Activation activation) {
    net.vision.activation = activation;
    return net;
}

Architecture with_heads(Architecture net, std::int64_t heads) {
    net.vision.heads = heads;
    return net;
}

TEST(FastVit, EqualsThePlainOne) {
    for (const Activation activation : {Activation::quick_gelu, Activation::gelu, Activation::gelu_tanh}) {
        expect_same_as_plain(with_activation(vit_architecture(128, 3, 8, 40, 48), activation), NumberType::f32, kExact, kExact);
    }
}

TEST(FastVit, EqualsThePlainOneForOddSizes) {
    expect_same_as_plain(with_heads(vit_architecture(176, 2, 7, 21, 33), 2), NumberType::f32, kExact, kExact);  // heads of 88, as ViT-g has
    expect_same_as_plain(with_heads(vit_architecture(104, 2, 14, 28, 20), 1), NumberType::f32, kExact,
                         kExact);                                                               // heads of 104, as ViT-bigG has
    expect_same_as_plain(vit_architecture(64, 1, 16, 16, 8), NumberType::f32, kExact, kExact);  // one block, one patch
    expect_same_as_plain(vit_architecture(64, 2, 4, 64, 16), NumberType::f32, kExact, kExact);  // 257 tokens: several blocks of queries
}

TEST(FastVit, Bfloat16StaysClose) {
    if (!processor_has_bf16()) GTEST_SKIP() << "this processor has no bfloat16";
    expect_same_as_plain(vit_architecture(128, 3, 8, 40, 48), NumberType::bf16, kRounded, kRounded);
}

void expect_same_bits(const Architecture& net, NumberType type) {
    constexpr std::int64_t kCount = 8;
    const Towers towers = make_towers(net, type, kCount);
    const int before = at::get_num_threads();
    at::set_num_threads(1);
    const Result one = run(*towers.fast, towers.views, towers.weights);
    at::set_num_threads(2);
    const Result two = run(*towers.fast, towers.views, towers.weights);
    EXPECT_TRUE(at::equal(one.features, two.features));
    EXPECT_TRUE(at::equal(one.gradient, two.gradient));
    for (const std::int64_t size : {1, 3}) {
        for (std::int64_t first = 0; first < kCount; first += size) {
            const auto length = std::min(size, kCount - first);
            const Result part = run(*towers.fast, towers.views.narrow(0, first, length), towers.weights.narrow(0, first, length));
            EXPECT_TRUE(at::equal(part.features, one.features.narrow(0, first, length))) << "views " << first << " of batches of " << size;
            EXPECT_TRUE(at::equal(part.gradient, one.gradient.narrow(0, first, length))) << "views " << first << " of batches of " << size;
        }
    }
    at::set_num_threads(before);
}

TEST(FastVit, SameBitsForAnyThreadsAndBatches) {
    expect_same_bits(vit_architecture(256, 3, 16, 112, 64), NumberType::f32);
    if (processor_has_bf16()) expect_same_bits(vit_architecture(256, 3, 16, 112, 64), NumberType::bf16);
}

Architecture with_hidden(Architecture net, std::int64_t hidden, std::int64_t pool_hidden) {
    net.vision.hidden = hidden;
    net.pool_hidden = pool_hidden;
    return net;
}

TEST(FastSiglip, EqualsThePlainOne) {
    for (const Activation activation : {Activation::gelu, Activation::gelu_tanh}) {
        expect_same_as_plain(with_activation(siglip_architecture(128, 3, 8, 40), activation), NumberType::f32, kExact, kExact);
    }
}

TEST(FastSiglip, EqualsThePlainOneForOddSizes) {
    // heads of 72 and feed-forward parts of odd widths, as SO400M has; 33 pixels in patches of 7: the last 5 are not looked at
    expect_same_as_plain(with_hidden(with_heads(siglip_architecture(144, 2, 7, 33), 2), 269, 300), NumberType::f32, kExact, kExact);
    expect_same_as_plain(with_hidden(siglip_architecture(64, 1, 16, 16), 64, 1024), NumberType::f32, kExact, kExact);  // one patch
    expect_same_as_plain(siglip_architecture(64, 2, 4, 48), NumberType::f32, kExact, kExact);  // 144 tokens: several blocks of queries
}

TEST(FastSiglip, Bfloat16StaysClose) {
    if (!processor_has_bf16()) GTEST_SKIP() << "this processor has no bfloat16";
    expect_same_as_plain(siglip_architecture(128, 3, 8, 40), NumberType::bf16, kRounded, kRounded);
    expect_same_as_plain(with_hidden(with_heads(siglip_architecture(144, 2, 7, 33), 2), 269, 300), NumberType::bf16, kRounded, kRounded);
}

TEST(FastSiglip, SameBitsForAnyThreadsAndBatches) {
    expect_same_bits(siglip_architecture(256, 3, 16, 112), NumberType::f32);
    if (processor_has_bf16()) expect_same_bits(siglip_architecture(256, 3, 16, 112), NumberType::bf16);
}

TEST(FastResNet, EqualsThePlainOne) {
    expect_same_as_plain(resnet_architecture({1, 2, 1, 1}, 32, 64, 24), NumberType::f32, kExact, kExact);
    expect_same_as_plain(resnet_architecture({2, 1, 1, 2}, 16, 96, 40), NumberType::f32, kExact, kExact);
}

TEST(FastResNet, Bfloat16StaysClose) {
    if (!processor_has_bf16()) GTEST_SKIP() << "this processor has no bfloat16";
    // rounding moves some outputs across a rectifier's corner, where the gradient jumps: measured 12 %
    constexpr double kCorners = 0.25;
    expect_same_as_plain(resnet_architecture({1, 2, 1, 1}, 32, 64, 24), NumberType::bf16, kRounded, kCorners);
}

TEST(FastResNet, SameBitsForAnyThreadsAndBatches) { expect_same_bits(resnet_architecture({1, 2, 1, 1}, 32, 64, 24), NumberType::f32); }

TEST(FastTowers, GradientMayBeAskedForTwice) {
    for (const Architecture& net : {vit_architecture(64, 2, 8, 24, 16), siglip_architecture(64, 2, 8, 24)}) {
        const Towers towers = make_towers(net, NumberType::f32);
        const Tensor input = towers.views.clone().requires_grad_(true);
        const Tensor loss = (towers.fast->forward(input) * towers.weights).sum();
        loss.backward({}, /*retain_graph=*/true);
        const Tensor first = input.grad().clone();
        loss.backward();
        EXPECT_TRUE(at::equal(input.grad(), first * 2));
    }
}

/// The formula knows only sizes; the pool knows what was really asked for, in blocks of 2 MiB.
TEST(MemoryNeed, IsWhatTheFastTowersBorrow) {
    constexpr std::int64_t kViews = 6;
    for (Architecture net : {openai_architecture("ViT-B/32"), openai_architecture("RN50"), siglip_architecture(768, 12, 16, 224)}) {
        net.vision.layers = std::min<std::int64_t>(net.vision.layers, 3);  // enough to tell, and quick
        net.text.layers = 1;
        net.vocabulary = 100;
        const std::string name = net.common_name();
        for (const NumberType type : {NumberType::f32, NumberType::bf16}) {
            if (type == NumberType::bf16 && !processor_has_bf16()) continue;
            const Towers towers = make_towers(net, type, kViews);
            release_pooled_memory();
            const std::size_t before = pooled_bytes();
            run(*towers.fast, towers.views, towers.weights);
            const double borrowed = static_cast<double>(pooled_bytes() - before);
            const double view_tensors =
                static_cast<double>(kViews) * 3 * 3 * static_cast<double>(net.view_size * net.view_size) * sizeof(float);
            const double formula = working_bytes(net, {true, type == NumberType::bf16 ? 2U : 4U}, kViews) - view_tensors;
            // two blocks, rounded up to 2 MiB each; small arrays are not in the formula
            EXPECT_GT(borrowed, .85 * formula) << name;
            EXPECT_LT(borrowed, 1.15 * formula + (4 << 20)) << name;
        }
    }
}

}  // namespace
}  // namespace clipig
