// Masks: their values, and what they do to the gradients of targets and constraints and to effects.
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "image/convert.h"
#include "image/write_picture.h"
#include "ops/mask_gradient.h"
#include "ops/planes.h"
#include "scene.h"

namespace clipig {
namespace {

using test::config_of;
using test::load_mini;
using test::Scene;

double relative(const Tensor& a, const Tensor& b) { return (a - b).norm().item<double>() / b.norm().item<double>(); }

Tensor mask_over(const std::string& yaml, std::int64_t height, std::int64_t width, std::int64_t epoch = 0) {
    const auto config = config_of("targets: [{mask: " + yaml + "}]\n");
    Mask mask(*config->targets[0].settings.section("mask"));
    Frame frame;
    frame.variables.epoch = epoch;
    frame.variables.epochs = 11;
    return mask.over(frame, height, width, at::kCPU).clone();
}

TEST(Mask, AShapeIsEvaluatedAtPixelCentres) {
    const Tensor left = mask_over("x < .5", 4, 8);
    EXPECT_EQ(left.sizes(), at::IntArrayRef({1, 1, 4, 8}));
    EXPECT_TRUE(left.narrow(3, 0, 4).equal(at::ones({1, 1, 4, 4})));
    EXPECT_TRUE(left.narrow(3, 4, 4).equal(at::zeros({1, 1, 4, 4})));
    EXPECT_TRUE(mask_over("{shape: x < .5, invert: true}", 4, 8).equal(1 - left));
    EXPECT_TRUE(mask_over("{shape: 3 * y - 1}", 2, 2).flatten().equal(at::tensor(std::vector<float>{0, 0, 1, 1}))) << "clamped";
    EXPECT_EQ(mask_over("x < t", 1, 10, 0).sum().item<float>(), 0);
    EXPECT_EQ(mask_over("x < t", 1, 10, 5).sum().item<float>(), 5);
}

TEST(Mask, LargeOnesAreInterpolated) {
    const Tensor ramp = mask_over("x", 600, 1500);
    const Tensor exact = ((at::arange(1500) + .5) / 1500).expand({1, 1, 600, 1500});
    // linear between 512 points, but for half a point at the ends
    EXPECT_LT((ramp - exact).narrow(3, 2, 1496).abs().max().item<float>(), 1e-5);
    EXPECT_LT((ramp - exact).abs().max().item<float>(), 1.0 / 512);
}

TEST(Mask, FeatherIsPixelsOrAShareOfTheShorterSide) {
    const Tensor pixels = mask_over("{shape: x < .5, feather: 2}", 40, 80), share = mask_over("{shape: x < .5, feather: .05}", 40, 80);
    EXPECT_LT((pixels - share).abs().max().item<float>(), 1e-6);
    // the edge of a step under a Gaussian of 2 pixels: .5 (1 - erf(d / (2 sqrt 2))) at d pixels; the kernel is cut at 3 sigma
    for (const std::int64_t d : {0, 1, 3}) {
        const double expected = .5 * std::erfc((static_cast<double>(d) + .5) / (2 * std::sqrt(2.0)));
        EXPECT_NEAR(pixels[0][0][20][40 + d].item<double>(), expected, .01) << d;
    }
}

TEST(Mask, APictureIsStretchedAndItsBrightnessCounts) {
    const std::string path = ::testing::TempDir() + "clipig_mask.png";
    Planes planes;
    planes.width = 2, planes.height = 1;
    planes.data = {1, 0, 1, 0, 1, 0};
    write_picture(path, from_planes(planes, 8), {});
    const Tensor mask = mask_over(path, 4, 8);
    EXPECT_NEAR(mask[0][0][0][0].item<float>(), 1, 1e-3);  // 0.2989 + 0.587 + 0.114 = 0.9999
    EXPECT_EQ(mask[0][0][3][7].item<float>(), 0);
    EXPECT_NEAR(mask_over("{picture: " + path + ", invert: true}", 4, 8)[0][0][3][7].item<float>(), 1, 1e-6);
    EXPECT_THROW((void)mask_over("nowhere.png", 4, 8), ConfigError);
}

TEST(Mask, NeedsAPictureOrAShape) {
    EXPECT_THROW((void)config_of("targets: [{mask: {invert: true}}]\n"), ConfigError);
    EXPECT_THROW((void)config_of("targets: [{mask: {shape: x, picture: a.png}}]\n"), ConfigError);
    EXPECT_THROW((void)config_of("targets: [{mask: xx < .5}]\n"), ConfigError) << "a misspelt shape is no file";
    EXPECT_THROW((void)config_of("targets: [{mask: [1, 2]}]\n"), ConfigError);
    const auto config =
        config_of("targets: [{mask: x < .5, constraints: [{mean: {above: .5}, mask: y > t}]}]\npostproc: [{blur: 3, mask: a.png}]\n");
    const auto again = config_of(dump_yaml(config->resolved));
    EXPECT_TRUE(same_tree(config->resolved, again->resolved));
    EXPECT_NE(again->targets[0].constraints[0].section("mask"), nullptr);
    EXPECT_EQ(again->postproc[0].settings.section("mask")->values.at("picture").text(), "a.png");
}

TEST(MaskGradient, ChangesTheWayBackOnly) {
    const Tensor leaf = at::rand({1, 3, 4, 5}, at::kDouble).requires_grad_(true), mask = at::rand({1, 1, 4, 5});
    const Tensor out = mask_gradient(leaf, mask);
    EXPECT_TRUE(out.equal(leaf));
    const Tensor cotangent = at::rand({1, 3, 4, 5}, at::kDouble);
    out.backward(cotangent);
    EXPECT_TRUE(leaf.grad().equal(cotangent * mask.to(at::kDouble)));
}

constexpr const char* kViews = R"(
  - batch_size: 6
    features: [{text: strawberry}, {text: blue, weight: -.5}]
    transforms: [{random_rotate: -20 20}, {noise: .1, p: .5}, {random_crop: 28}]
    constraints: [{mean: {above: .9}}]
)";

TEST(Mask, ATargetsGradientIsMultiplied) {
    Scene plain("targets:" + std::string(kViews));
    Scene masked("targets:" + std::string(kViews) + "    mask: {shape: x < .5, feather: 2}\n");
    const StepResult whole = plain.evaluate();
    const Tensor mask = masked.targets[0].mask->over(masked.frame, 32, 40, at::kCPU);
    for (const std::int64_t batch : {64, 1, 4}) {
        const StepResult found = masked.evaluate(batch);
        EXPECT_NEAR(found.loss, whole.loss, 1e-5) << "the loss is that of the whole view";
        // batches sum in another order
        EXPECT_LT(relative(found.gradient, whole.gradient * mask), batch == 64 ? 1e-6 : 1e-4) << batch;
    }
    EXPECT_EQ(masked.evaluate().gradient.narrow(3, 30, 10).abs().max().item<float>(), 0);
}

TEST(Mask, RegionsOfTwoTargetsAddUp) {
    const std::string one = "  - features: [{text: sea}]\n", other = "  - features: [{text: fire}]\n";
    Scene first("targets:\n" + one), second("targets:\n" + other);
    Scene both("targets:\n" + one + "    mask: x < .5\n" + other + "    mask: {shape: x < .5, invert: true}\n");
    const Tensor left = mask_over("x < .5", 32, 40);
    const Tensor expected = first.evaluate().gradient * left + second.evaluate().gradient * (1 - left);
    // the models see the views of both targets in one batch: sums of float32 in another order
    EXPECT_LT(relative(both.evaluate().gradient, expected), 1e-4);
}

TEST(Mask, AConstraintsGradientIsMultiplied) {
    const std::string start = "targets:\n  - features: [{text: sea}]\n    transforms: [{random_shift: -.3 .3}]\n    batch_size: 3\n";
    Scene features(start), with(start + "    constraints: [{tv: {}, weight: 3}]\n"),
        masked(start + "    constraints: [{tv: {}, weight: 3, mask: y < .5}]\n");
    const StepResult plain = with.evaluate(), found = masked.evaluate();
    const Tensor own = plain.gradient - features.evaluate().gradient;
    const Tensor expected = features.evaluate().gradient + own * mask_over("y < .5", 32, 40);
    EXPECT_LT(relative(found.gradient, expected), 1e-4);  // differences of float32
    EXPECT_NEAR(found.loss, plain.loss, 1e-6);
    // both masks count
    Scene twice(start + "    constraints: [{tv: {}, weight: 3, mask: y < .5}]\n    mask: x < .5\n");
    EXPECT_LT(relative(twice.evaluate().gradient, expected * mask_over("x < .5", 32, 40)), 1e-4);
}

TEST(Mask, AnEffectIsBlendedIn) {
    clipig::Run run(config_of("resolution: 8\nepochs: 1\ninit: {mean: .2, std: 0}\npostproc: [{add: .5, mask: x < .5}, {mul: 0, p: 0}]\n"),
                    {load_mini, at::kCPU});
    (void)run.step();
    const Tensor picture = image_tensor(*run.picture());
    EXPECT_LT((picture.narrow(3, 0, 4) - .7).abs().max().item<float>(), 1e-6);
    EXPECT_LT((picture.narrow(3, 4, 4) - .2).abs().max().item<float>(), 1e-7);
}

}  // namespace
}  // namespace clipig
