// What a target may be told of its features: where they stop, their mean embedding, no text.
#include <gtest/gtest.h>

#include "scene.h"

namespace clipig {
namespace {

using test::config_of;
using test::features_of;
using test::Scene;

double relative(const Tensor& a, const Tensor& b) { return (a - b).norm().item<double>() / b.norm().item<double>(); }

/// Values and gradients of two views, at cosines .6 and 1 with the first axis and .8 and 0 with the second.
std::pair<Tensor, Tensor> stopped_losses(const std::string& features_yaml, const std::string& select) {
    const auto config = config_of("targets:\n  - features: [" + features_yaml + "]\n");
    const auto features = features_of(*config, {{1, 0, 0}, {0, 1, 0}});
    const Tensor views = at::tensor(std::vector<float>{.6F, .8F, 0, 1, 0, 0}).view({2, 3}).requires_grad_(true);
    const auto scores = score_features(features, {0, 1}, 0, views, select, Frame{}, 0);
    const Tensor loss = feature_loss(features, scores, 0, views, select);
    if (loss.requires_grad()) loss.sum().backward();
    return {loss.detach(), views.grad()};
}

TEST(Stop, KeepsTheValueAndDropsTheGradient) {
    const auto [plain, pull] = stopped_losses("{text: a}, {text: b, weight: -2}", "all");
    const auto [found, gradient] = stopped_losses("{text: a, stop: .3}, {text: b, weight: -2, stop: -.9}", "all");
    EXPECT_TRUE(found.equal(plain));
    // cosine losses: a .4 and 0, b .2 and 1; a pulls while 1 - cos >= .3: the first view. b, negative, while -(1 - cos) >= -.9: the first.
    EXPECT_TRUE(gradient[0].equal(pull[0]));
    EXPECT_EQ(gradient[1].abs().max().item<float>(), 0);
    EXPECT_GT(pull[1].abs().max().item<float>(), .9F) << "without a stop b pushes";
}

TEST(Stop, IsAnExpressionOfTheSimilarity) {
    // the first view has 60, the second 100 with a: only the second stops
    const auto [value, gradient] = stopped_losses("{text: a, stop: 9 if sim > 80 else -9}, {text: b, weight: 0}", "all");
    EXPECT_GT(gradient[0].abs().max().item<float>(), .6F);
    EXPECT_EQ(gradient[1].abs().max().item<float>(), 0);
}

TEST(Stop, OfAMixIsThatOfItsFirstFeature) {
    const auto [plain, pull] = stopped_losses("{text: a}, {text: b}", "mix");
    const auto [found, gradient] = stopped_losses("{text: a, stop: .2}, {text: b, stop: 9}", "mix");
    // the mixture points between the axes: cosines .99 and .71
    EXPECT_TRUE(found.equal(plain));
    EXPECT_EQ(gradient[0].abs().max().item<float>(), 0);
    EXPECT_TRUE(gradient[1].equal(pull[1]));
}

TEST(MeanEmbedding, IsTheLossOfTheMean) {
    const std::string yaml =
        "targets:\n  - features: [{text: strawberry}, {text: blue, weight: -.5}]\n    batch_size: 5\n    transforms: [{random_crop: 24}]\n";
    Scene views(yaml), mean(yaml + "    mean_embedding: 1\n"), mixed(yaml + "    mean_embedding: .3\n");
    const StepResult all = views.evaluate(), one = mean.evaluate(), both = mixed.evaluate();
    EXPECT_NEAR(both.loss, .7 * all.loss + .3 * one.loss, 1e-5);
    EXPECT_LT(relative(both.gradient, .7 * all.gradient + .3 * one.gradient), 1e-5);
    EXPECT_GT(relative(one.gradient, all.gradient), .001) << "a hundred times what rounding makes";
    // one view is its own mean
    Scene single("targets:\n  - features: [{text: strawberry}]\n    mean_embedding: 1\n"),
        plain("targets:\n  - features: [{text: strawberry}]\n");
    EXPECT_LT(relative(single.evaluate().gradient, plain.evaluate().gradient), 1e-5);
}

TEST(MeanEmbedding, IsTheSameHoweverViewsAreBatched) {
    const std::string yaml =
        "targets:\n  - features: [{text: strawberry}, {text: blue, weight: sim / 50}]\n    batch_size: 7\n    mean_embedding: .6\n"
        "    transforms: [{random_crop: 24}]\n    weight: 1 + sim / 100\n";
    Scene scene(yaml);
    const StepResult whole = scene.evaluate(7);
    for (const std::int64_t batch : {1, 3}) {
        const StepResult parts = scene.evaluate(batch);
        EXPECT_NEAR(parts.loss, whole.loss, 1e-4);
        EXPECT_LT(relative(parts.gradient, whole.gradient), 1e-4) << batch;
    }
}

TEST(NoText, AddsANegativeFeature) {
    const std::string targets =
        "targets:\n  - features: [text: sea]\n  - {no_text: false, features: [text: sea]}\n  - constraints: [{mean: {above: 1}}]\n";
    const auto config = config_of("no_text: true\n" + targets);
    ASSERT_EQ(config->targets[0].features.size(), 2U);
    EXPECT_EQ(config->targets[1].features.size(), 1U);
    EXPECT_EQ(config->targets[2].features.size(), 0U);
    Random unused({});
    EXPECT_DOUBLE_EQ(config->targets[0].features[1]["weight"].reals({}, unused)[0], -.3);
    EXPECT_EQ(config_of(targets)->targets[0].features.size(), 1U);
    EXPECT_EQ(config_of("targets: [{no_text: true, features: [text: sea]}]\n")->targets[0].features.size(), 2U);
    // the saved configuration gives the same again
    const auto again = config_of(dump_yaml(config->resolved));
    EXPECT_EQ(again->targets[0].features.size(), 2U);
    EXPECT_TRUE(same_tree(config->resolved, again->resolved));
}

TEST(NoText, CountsWhateverIsSelected) {
    const std::string yaml = "targets:\n  - features: [{text: sea}, {text: fire}]\n    select: ";
    for (const char* select : {"best", "worst"}) {
        Scene scene(yaml + select + "\n    no_text: true\n"), plain(yaml + select + "\n"),
            guard("targets: [{features: [{text: 'text, words, letters', weight: -.3}]}]\n");
        const StepResult found = scene.evaluate();
        EXPECT_EQ(found.targets[0].features[2].chosen, 0);
        EXPECT_NEAR(found.loss, plain.evaluate().loss + guard.evaluate().loss, 1e-5) << select;
    }
}

}  // namespace
}  // namespace clipig
