// The engine with real operators and the bundled model: losses, schedules, batches, gradients.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/loop.h"
#include "engine/memory_plan.h"
#include "ops/clamp_gradient.h"
#include "scene.h"

namespace clipig {
namespace {

using test::config_of;
using test::features_of;
using test::load_mini;
using test::Scene;

constexpr const char* kTwoFeatures = "targets:\n  - features:\n      - text: a\n        weight: 2\n      - text: b\n        weight: -1\n";
const std::vector<std::vector<float>> kAxes{{1, 0, 0}, {0, 1, 0}};

/// Per-view losses of views at (.6, .8, 0) and (1, 0, 0) for a select mode.
std::vector<float> losses(const std::string& select) {
    const auto config = config_of(kTwoFeatures);
    const auto features = features_of(*config, kAxes);
    const Tensor views = at::tensor(std::vector<float>{.6F, .8F, 0, 1, 0, 0}).view({2, 3});
    const auto scores = score_features(features, {0, 1}, 0, views, select, Frame{}, 0);
    const Tensor loss = feature_loss(features, scores, 0, views, select);
    return {loss.data_ptr<float>(), loss.data_ptr<float>() + loss.numel()};
}

constexpr float kRounding = 1e-6F;  // float32 sums of a few terms of order one

TEST(Select, AllSumsTheWeightedLosses) {
    const auto values = losses("all");
    EXPECT_NEAR(values[0], 2 * (1 - .6F) - 1 * (1 - .8F), kRounding);
    EXPECT_NEAR(values[1], 2 * 0 - 1 * 1, kRounding);
}

TEST(Select, BestAndWorstTakeOneFeatureForEachView) {
    EXPECT_NEAR(losses("best")[0], -1 * (1 - .8F), kRounding);
    EXPECT_NEAR(losses("best")[1], 0, kRounding);
    EXPECT_NEAR(losses("worst")[0], 2 * (1 - .6F), kRounding);
    EXPECT_NEAR(losses("worst")[1], -1, kRounding);
}

TEST(Select, MixComparesWithTheWeightedMean) {
    // mixture (2 a - b) / 3, whose cosine with (.6,.8,0) is (2*.6 - .8) / sqrt(5)
    EXPECT_NEAR(losses("mix")[0], 1 - .4F / std::sqrt(5.F), kRounding);
}

TEST(Select, ScaleChangesTheChoiceOnly) {
    const auto config = config_of("targets:\n  - features:\n      - text: a\n        scale: 2\n      - text: b\n");
    const auto features = features_of(*config, kAxes);
    const Tensor view = at::tensor(std::vector<float>{.6F, .8F, 0}).view({1, 3});
    const auto scores = score_features(features, {0, 1}, 0, view, "best", Frame{}, 0);
    EXPECT_EQ(scores.chosen[0], 0);
    EXPECT_NEAR(scores.similarities[0], 60, 1e-4);
}

TEST(Select, WeightSeesTheSimilarityOfItsView) {
    const auto config =
        config_of("targets:\n  - features:\n      - text: a\n        weight: sim / 100\n      - text: b\n        weight: 0\n");
    const auto features = features_of(*config, kAxes);
    const Tensor views = at::tensor(std::vector<float>{.6F, .8F, 0, 1, 0, 0}).view({2, 3});
    const auto scores = score_features(features, {0, 1}, 0, views, "all", Frame{}, 0);
    EXPECT_NEAR(scores.weights[0], .6, 1e-6);
    EXPECT_NEAR(scores.weights[2], 1, 1e-6);
}

TEST(Select, FairScalesStartAllFeaturesAlike) {
    const auto config = config_of(kTwoFeatures);
    auto features = features_of(*config, kAxes);
    set_fair_scales(features, {20, 30});
    EXPECT_DOUBLE_EQ(features[0].fair_scale * 20, features[1].fair_scale * 30);
}

TEST(Schedule, BothEndsAreInclusive) {
    const auto config = config_of("targets:\n  - start: 2\n    end: 50%\n    constraints: [mean: {above: .5}]\n");
    const Settings& settings = config->targets[0].settings;
    std::vector<int> active;
    for (int epoch = 0; epoch < 11; ++epoch) {
        if (in_schedule(settings, epoch, 11)) active.push_back(epoch);
    }
    EXPECT_EQ(active, (std::vector<int>{2, 3, 4, 5}));
}

TEST(Schedule, TransformsHaveTheirTime) {
    const std::string yaml = "targets:\n  - constraints: [{mean: {above: 1}}]\n    transforms: [{mul: 0, start: 2, end: 40%}]\n";
    Scene scene(yaml);
    std::vector<double> losses;
    for (int epoch = 0; epoch < 7; ++epoch) {
        scene.frame.variables.epoch = epoch;
        losses.push_back(scene.evaluate().loss);
    }
    for (int epoch = 0; epoch < 7; ++epoch)
        EXPECT_EQ(std::abs(losses[static_cast<std::size_t>(epoch)] - 100) < 1e-3, epoch >= 2 && epoch <= 4) << epoch;
    EXPECT_EQ(scene.targets[0].views, 1);
    EXPECT_EQ(Scene("targets: [{batch_size: 5, transforms: [{mul: .5, p: .5}]}]\n").targets[0].views, 5) << "p is random";
    EXPECT_EQ(Scene("targets: [{batch_size: 5, transforms: [{mul: .5, p: 1}, {mul: .5, p: 0}]}]\n").targets[0].views, 1);
    EXPECT_EQ(Scene("targets: [{batch_size: 5, transforms: [{mul: .5, p: t}]}]\n").targets[0].views, 5);
}

TEST(ClampGradient, LetsColoursComeBack) {
    const Tensor x = at::tensor(std::vector<float>{-1, -1, .5F, 2, 2}).requires_grad_(true);
    const Tensor y = clamp_gradient(x, 0, 1);
    EXPECT_TRUE(at::equal(y, at::tensor(std::vector<float>{0, 0, .5F, 1, 1})));
    y.backward(at::tensor(std::vector<float>{-1, 1, 1, 1, -1}));
    // below the range only a negative gradient (a step upwards) passes, above it only a positive one
    EXPECT_TRUE(at::equal(x.grad(), at::tensor(std::vector<float>{-1, 0, 1, 1, 0})));
}

constexpr const char* kPainting = R"(
resolution: 40 32
seed: 5
targets:
  - batch_size: 8
    features: [{text: strawberry}, {text: blue, weight: -.5}]
    transforms: [{random_rotate: -20 20}, {random_crop: 28}]
    constraints: [{mean: {above: .7}}]
)";

TEST(Step, GradientIsThatOfTheLoss) {
    Scene scene(kPainting);
    const Tensor gradient = scene.evaluate().gradient;
    Tensor direction = gradient / gradient.norm();
    const double h = 0.05;
    const double up = scene.evaluate(scene.image + h * direction).loss;
    const double down = scene.evaluate(scene.image - h * direction).loss;
    const double numeric = (up - down) / (2 * h);
    const double analytic = gradient.norm().item<double>();
    // float32 network with ReLU kinks along the way: the central difference is good to a percent
    EXPECT_NEAR(numeric / analytic, 1, 0.02);
}

TEST(Step, BatchesOfAnySizeGiveTheSameGradient) {
    Scene scene(kPainting);
    const StepResult whole = scene.evaluate(8);
    for (const std::int64_t batch : {1, 3}) {
        const StepResult parts = scene.evaluate(batch);
        EXPECT_NEAR(parts.loss, whole.loss, 1e-5);  // sums of float32 losses in another order
        EXPECT_TRUE(at::equal(parts.gradient, whole.gradient)) << "batches of " << batch;
        EXPECT_EQ(parts.views, 8);
    }
}

TEST(Step, MeanSimilarityIsTheSameHoweverViewsAreBatched) {
    Scene scene(std::string(kPainting) + "    weight: 1 + sim / 100\n    feature_scale: fair\n    select: best\n");
    Scene again(std::string(kPainting) + "    weight: 1 + sim / 100\n    feature_scale: fair\n    select: best\n");
    const StepResult whole = scene.evaluate(8);
    const StepResult parts = again.evaluate(3);
    EXPECT_NEAR(parts.targets[0].weight, whole.targets[0].weight, 1e-5);
    EXPECT_NEAR(parts.loss, whole.loss, 1e-4);
    EXPECT_NEAR(scene.targets[0].features[0].fair_scale, again.targets[0].features[0].fair_scale, 1e-3);
}

TEST(Step, LossesAreAveragedOverViews) {
    const std::string one = "resolution: 40\ntargets:\n  - features: [text: strawberry]\n    batch_size: ";
    Scene still(one + "7\n");
    EXPECT_EQ(still.targets[0].views, 1) << "nothing is random, so one view is all views";
    Scene shifted(one + "7\n    transforms: [random_shift: 0 0]\n");
    EXPECT_EQ(shifted.targets[0].views, 7);
    // seven equal views weigh as much as one; float32 sums
    EXPECT_NEAR(shifted.evaluate().loss, still.evaluate().loss, 1e-5);
}

TEST(Step, TwoModelsShareTheLoss) {
    const std::string yaml = "targets:\n  - features: [text: strawberry]\n";
    Scene one(yaml + "model: mini\n");
    Scene two(yaml + "model: [mini, also mini]\nmodel_weight: 1 3\n");
    ASSERT_EQ(two.targets[0].uses.size(), 2U);
    EXPECT_DOUBLE_EQ(two.targets[0].uses[1].weight, .75);
    EXPECT_NEAR(two.evaluate().loss, one.evaluate().loss, 1e-5);
}

struct Recorder : Sink {
    void step(const StepEvent& event) override { epochs.push_back(event.epoch); }
    void picture(const PictureEvent& event) override { pictures.emplace_back(event.epochs_done, event.reason); }
    std::vector<std::int64_t> epochs;
    std::vector<std::pair<std::int64_t, PictureReason>> pictures;
};

TEST(Loop, SnapshotsByEpochsAndThePictureAtTheEnd) {
    clipig::Run run(
        config_of("resolution: 8\nepochs: 7\nstart_epoch: 1\nsnapshot_interval: 2\ntargets: [{constraints: [mean: {above: 1}]}]\n"),
        {load_mini, at::kCPU});
    Recorder recorder;
    Control control;
    EXPECT_EQ(run_to_end(run, {&recorder}, control), Outcome::finished);
    EXPECT_EQ(recorder.epochs, (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6}));
    const std::vector<std::pair<std::int64_t, PictureReason>> expected{
        {3, PictureReason::snapshot}, {5, PictureReason::snapshot}, {7, PictureReason::finished}};
    EXPECT_EQ(recorder.pictures, expected);
}

TEST(Loop, OptimiserStateFollowsTheResolution) {
    clipig::Run run(config_of("resolution: 8 + 8 * (epoch >= 3)\nepochs: 6\nseed: 1\ntargets: [{constraints: [mean: {above: 1}]}]\n"),
                    {load_mini, at::kCPU});
    double before = 0;
    for (int i = 0; i < 6; ++i) {
        const double loss = run.step().loss;
        // Adam keeps its pace through the change: the loss goes on falling
        if (i > 0) {
            EXPECT_LT(loss, before) << "epoch " << i;
        }
        before = loss;
    }
    EXPECT_EQ(run.picture()->width, 16);
}

TEST(Loop, ALossThatIsNoNumberNamesTargetAndEpoch) {
    clipig::Run run(config_of("resolution: 8\nepochs: 9\non_nan: stop\ntargets: [{name: sky, constraints: [mean: {above: 1, weight: "
                              "\"1e308 * 10 ** (epoch // 2)\"}]}]\n"),
                    {load_mini, at::kCPU});
    Recorder recorder;
    Control control;
    try {
        (void)run_to_end(run, {&recorder}, control);
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("sky"), std::string::npos) << error.what();
    }
}

/// A view of `small` takes 1 kB, one of any other model 1 GB.
ModelNeed invented_need(const std::string& name) { return {"ViT", 32, name == "small" ? 1e6 : 2e6, name == "small" ? 1e3 : 1e9}; }

TEST(Memory, TheLargestOfAllStagesCounts) {
    const std::string targets = "targets: [{batch_size: 2, features: [{text: sky}], transforms: [{random_crop: 32}]}]\n";
    const auto plan = plan_memory(
        config_of(
            "resolution: 64\nmodel: small\n" + targets +
            "stages: [{epochs: 3}, {epochs: 5, resolution: 100 + 30 * epoch, ema: .9}, {epochs: 2, model: large, resolution: 48 96}]\n"),
        invented_need);
    EXPECT_EQ(plan.width, 220);
    EXPECT_EQ(plan.height, 220);
    EXPECT_EQ(plan.batch, 1) << "of the large model";
    const auto alone = plan_memory(config_of("resolution: 220\nema: .9\nmodel: large\n" + targets), invented_need);
    EXPECT_NEAR(plan.total(), alone.total() + 1e6, 1) << "and the small model, which is loaded from the beginning";
    const auto random =
        plan_memory(config_of("seed: 2\nepochs: 50\nmodel: small\nresolution: 16 + round(random() * 100)\n" + targets), invented_need);
    EXPECT_GT(random.width, 100) << "of the largest epoch";
}

TEST(Memory, WithoutEpochsTheFirstPictureCounts) {
    const auto plan = plan_memory(config_of("epochs: 0\nresolution: 40 - epoch, 24\ntargets: []\n"), invented_need);
    EXPECT_EQ(plan.width, 40);
    EXPECT_EQ(plan.height, 24);
}

}  // namespace
}  // namespace clipig
