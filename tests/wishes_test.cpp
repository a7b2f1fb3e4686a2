// What a target, a feature or the run may be told beside its prompts: masks, stops, the mean embedding, no text, the gradient's size,
// and which picture is kept.
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "engine/gradient.h"
#include "engine/run.h"
#include "image/convert.h"
#include "image/write_picture.h"
#include "models/catalogue.h"
#include "ops/full_schema.h"
#include "ops/mask_gradient.h"
#include "ops/planes.h"

namespace clipig {
namespace {

std::shared_ptr<const Config> config_of(const std::string& yaml) {
    const auto source = std::make_shared<const SourceText>(SourceText{"test.yaml", yaml});
    return std::make_shared<const Config>(validate(parse_yaml(source), std::make_shared<const Schema>(full_schema())));
}

LoadedModel load_mini(const std::string&) {
    ModelOptions options;
    options.precision = "fp32";
    static const auto model = load_clip(std::string(CLIPIG_SOURCE_DIR) + "/models/mini", "mini", options);
    return {model, "mini", ""};
}

/// Everything that evaluate_step() needs, for one epoch of an experiment on a picture of 40 x 32.
struct Scene {
    explicit Scene(const std::string& yaml) : config(config_of(yaml)) {
        frame.seed = 5;
        frame.variables.epochs = 11;
        frame.variables.resolution = {40, 32};
        for (std::uint32_t i = 0; i < config->targets.size(); ++i) targets.push_back(make_target(config->targets[i], i, config->top, models, load_mini));
        image = at::empty({1, 3, 32, 40});
        fill_normal({5, 0, kInitStream, 0, 0}, image.data_ptr<float>(), static_cast<std::size_t>(image.numel()));
        image = image * .1 + .5;
    }
    StepResult evaluate(std::int64_t batch = 64) {
        return evaluate_step(targets, models, image, frame, [batch](const auto&) { return batch; });
    }

    std::shared_ptr<const Config> config;
    RunModels models;
    std::vector<Target> targets;
    Frame frame;
    Tensor image;
};

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
    const auto config = config_of("targets: [{mask: x < .5, constraints: [{mean: {above: .5}, mask: y > t}]}]\npostproc: [{blur: 3, mask: a.png}]\n");
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
    Scene features(start), with(start + "    constraints: [{tv: {}, weight: 3}]\n"), masked(start + "    constraints: [{tv: {}, weight: 3, mask: y < .5}]\n");
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
    clipig::Run run(config_of("resolution: 8\nepochs: 1\ninit: {mean: .2, std: 0}\npostproc: [{add: .5, mask: x < .5}, {mul: 0, p: 0}]\n"), {load_mini, at::kCPU});
    (void)run.step();
    const Tensor picture = image_tensor(*run.picture());
    EXPECT_LT((picture.narrow(3, 0, 4) - .7).abs().max().item<float>(), 1e-6);
    EXPECT_LT((picture.narrow(3, 4, 4) - .2).abs().max().item<float>(), 1e-7);
}

TEST(Schedule, TransformsHaveTheirTime) {
    const std::string yaml = "targets:\n  - constraints: [{mean: {above: 1}}]\n    transforms: [{mul: 0, start: 2, end: 40%}]\n";
    Scene scene(yaml);
    std::vector<double> losses;
    for (int epoch = 0; epoch < 7; ++epoch) {
        scene.frame.variables.epoch = epoch;
        losses.push_back(scene.evaluate().loss);
    }
    for (int epoch = 0; epoch < 7; ++epoch) EXPECT_EQ(std::abs(losses[static_cast<std::size_t>(epoch)] - 100) < 1e-3, epoch >= 2 && epoch <= 4) << epoch;
    EXPECT_EQ(scene.targets[0].views, 1);
    EXPECT_EQ(Scene("targets: [{batch_size: 5, transforms: [{mul: .5, p: .5}]}]\n").targets[0].views, 5) << "p is random";
    EXPECT_EQ(Scene("targets: [{batch_size: 5, transforms: [{mul: .5, p: 1}, {mul: .5, p: 0}]}]\n").targets[0].views, 1);
    EXPECT_EQ(Scene("targets: [{batch_size: 5, transforms: [{mul: .5, p: t}]}]\n").targets[0].views, 5);
}

/// Features with the given unit vectors in three dimensions.
std::vector<Feature> features_of(const Config& config, const std::vector<std::vector<float>>& vectors) {
    std::vector<Feature> features;
    for (std::size_t i = 0; i < vectors.size(); ++i) {
        Feature feature;
        feature.settings = &config.targets[0].features[i];
        const Settings& loss = feature.settings->operators.find("loss")->second;
        Random unused({});
        feature.loss = Registry<Loss>::instance().find(loss.spec->name)->make(loss, {}, unused);
        feature.embeddings.push_back(at::tensor(vectors[i]));
        features.push_back(std::move(feature));
    }
    return features;
}

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
    const std::string yaml = "targets:\n  - features: [{text: strawberry}, {text: blue, weight: -.5}]\n    batch_size: 5\n    transforms: [{random_crop: 24}]\n";
    Scene views(yaml), mean(yaml + "    mean_embedding: 1\n"), mixed(yaml + "    mean_embedding: .3\n");
    const StepResult all = views.evaluate(), one = mean.evaluate(), both = mixed.evaluate();
    EXPECT_NEAR(both.loss, .7 * all.loss + .3 * one.loss, 1e-5);
    EXPECT_LT(relative(both.gradient, .7 * all.gradient + .3 * one.gradient), 1e-5);
    EXPECT_GT(relative(one.gradient, all.gradient), .01);
    // one view is its own mean
    Scene single("targets:\n  - features: [{text: strawberry}]\n    mean_embedding: 1\n"), plain("targets:\n  - features: [{text: strawberry}]\n");
    EXPECT_LT(relative(single.evaluate().gradient, plain.evaluate().gradient), 1e-5);
}

TEST(MeanEmbedding, IsTheSameHoweverViewsAreBatched) {
    const std::string yaml = "targets:\n  - features: [{text: strawberry}, {text: blue, weight: sim / 50}]\n    batch_size: 7\n    mean_embedding: .6\n"
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
    const std::string targets = "targets:\n  - features: [text: sea]\n  - {no_text: false, features: [text: sea]}\n  - constraints: [{mean: {above: 1}}]\n";
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
        Scene scene(yaml + select + "\n    no_text: true\n"), plain(yaml + select + "\n"), guard("targets: [{features: [{text: 'text, words, letters', weight: -.3}]}]\n");
        const StepResult found = scene.evaluate();
        EXPECT_EQ(found.targets[0].features[2].chosen, 0);
        EXPECT_NEAR(found.loss, plain.evaluate().loss + guard.evaluate().loss, 1e-5) << select;
    }
}

Tensor conditioned_by(const std::string& yaml, const Tensor& gradient) {
    const auto config = config_of("gradient: " + yaml + "\n");
    return conditioned(gradient, config->top.section("gradient"), Frame{});
}

TEST(Gradient, IsNormalisedThenClipped) {
    const Tensor gradient = at::tensor(std::vector<float>{3, 0, -4, 0}).view({1, 1, 2, 2});
    const auto expect = [&](const char* yaml, std::vector<float> wanted) {
        EXPECT_LT((conditioned_by(yaml, gradient).flatten() - at::tensor(wanted)).abs().max().item<float>(), 1e-6) << yaml;
    };
    expect("none", {3, 0, -4, 0});
    expect("norm", {.6F, 0, -.8F, 0});
    expect("rms", {1.2F, 0, -1.6F, 0});  // the root of the mean square of 3, 0, 4, 0 is 2.5
    expect("sign", {1, 0, -1, 0});
    expect("{clip_norm: 1}", {.6F, 0, -.8F, 0});
    expect("{clip_norm: 6}", {3, 0, -4, 0});
    expect("{clip_rms: .5}", {.6F, 0, -.8F, 0});
    expect("{normalize: sign, clip_norm: .5 + t}", {.353553F, 0, -.353553F, 0});
    EXPECT_EQ(conditioned_by("norm", at::zeros({1, 3, 2, 2})).abs().max().item<float>(), 0);
    EXPECT_TRUE(conditioned(gradient, nullptr, Frame{}).equal(gradient));
}

TEST(Gradient, SgdWithANormalisedOneMovesByTheRate) {
    clipig::Run run(config_of("resolution: 8\nepochs: 1\nseed: 1\ninit: {mean: .2, std: 0}\noptimizer: sgd\nlearnrate: .01\ngradient: rms\n"
                              "targets: [{constraints: [{mean: {above: .9}}]}]\n"),
                    {load_mini, at::kCPU});
    (void)run.step();
    EXPECT_LT((image_tensor(*run.picture()) - .3).abs().max().item<float>(), 1e-6) << "a base rate of 10 times .01";
}

TEST(Kept, TheAverageFollowsItsFormula) {
    KeptPictures kept;
    const auto grey = [](double value, std::int64_t side) { return at::full({1, 3, side, side}, value); };
    double expected = 0;
    for (int n = 0; n < 30; ++n) {
        const double value = .1 * n, share = n == 0 ? 0 : std::min(.8, (1. + n) / (10 + n));
        expected = share * expected + (1 - share) * value;
        kept.add(grey(value, n < 20 ? 4 : 6), .8);
        EXPECT_NEAR(kept.average[0][0][0][0].item<double>(), expected, 1e-5) << n;
    }
    EXPECT_EQ(kept.average.size(2), 6);
    kept.forget_average();
    kept.add(grey(0, 4), .8);
    kept.add(grey(1, 4), .8);
    EXPECT_NEAR(kept.average[0][0][0][0].item<double>(), 1 - 2. / 11, 1e-6) << "its count begins anew";
}

TEST(Kept, TheBestHasTheLowestSmoothedLoss) {
    KeptPictures kept;
    const std::vector<double> losses{5, 4, 3, 2, 1, .5, 3, 6, 9, 9, 9, 9, 9};
    double smooth = 0, best = 1e9;
    int wanted = -1;
    for (int n = 0; n < static_cast<int>(losses.size()); ++n) {
        const double share = std::max(.1, 1. / (n + 1));
        smooth = n == 0 ? losses[0] : (1 - share) * smooth + share * losses[static_cast<std::size_t>(n)];
        if (smooth <= best) best = smooth, wanted = n;
        kept.judge(at::full({1, 3, 2, 2}, static_cast<double>(n)), losses[static_cast<std::size_t>(n)]);
    }
    EXPECT_EQ(kept.best[0][0][0][0].item<int>(), wanted);
    EXPECT_DOUBLE_EQ(kept.best_loss, best);
    kept.judge(at::zeros({1, 3, 4, 4}), 100);
    EXPECT_EQ(kept.best.size(2), 4) << "of another size: it begins anew";
}

/// Three epochs of everything at once, with a change of resolution, on all parametrisations and with L-BFGS, too.
TEST(Wishes, GoWithEveryParametrisation) {
    const auto schema = full_schema();
    for (const std::string& pixels : schema.names("pixels")) {
        for (const char* optimizer : {"adam", "lbfgs"}) {
            clipig::Run run(config_of("pixels: " + pixels + "\noptimizer: " + optimizer + R"(
resolution: 24 + 8 * (epoch > 3)
epochs: 7
seed: 2
ema: .5
keep_best: true
gradient: {normalize: rms, clip_norm: 100}
targets:
  - mask: {shape: x < .5, feather: .1}
    batch_size: 2
    mean_embedding: .5
    features: [{text: strawberry, stop: .1}]
    transforms: [{blur: 3, p: .5}, {random_rotate: -9 9, p: t}]
    constraints: [{tv: {}, mask: y < t}]
postproc: [{saturation: .9, mask: {shape: x, invert: true}, p: .5}]
)"),
                            {load_mini, at::kCPU});
            const Tensor before = image_tensor(*run.picture());
            while (!run.done()) (void)run.step();
            EXPECT_TRUE(run.take_warnings().empty()) << pixels << ' ' << optimizer;
            for (const bool best : {false, true}) {
                const Tensor after = image_tensor(*run.picture(best));
                ASSERT_EQ(after.sizes(), at::IntArrayRef({1, 3, 32, 32})) << pixels << ' ' << optimizer;
                EXPECT_TRUE(at::isfinite(after).all().item<bool>()) << pixels;
                EXPECT_GT((after.narrow(3, 0, 8) - before.mean()).abs().max().item<float>(), 0) << pixels;
            }
        }
    }
}

TEST(Kept, AnAverageThatEndsIsForgotten) {
    const std::string yaml = "resolution: 8\nepochs: 9\nseed: 1\ntargets: [{constraints: [{mean: {above: .9}}]}]\nema: ";
    std::vector<Tensor> pictures;
    for (const char* ema : {"0", ".9", ".9 if t < .5 else 0"}) {
        clipig::Run run(config_of(yaml + ema + "\n"), {load_mini, at::kCPU});
        while (!run.done()) (void)run.step();
        pictures.push_back(image_tensor(*run.picture()));
    }
    EXPECT_FALSE(pictures[0].equal(pictures[1]));
    EXPECT_TRUE(pictures[0].equal(pictures[2]));
}

TEST(Kept, TheBestIsWrittenAtTheEndAndTheAverageIsShown) {
    // a rate that grows without bound: the last pictures are far off
    const std::string yaml = "resolution: 8\nepochs: 30\nseed: 1\ninit: {mean: .2, std: 0}\nlearnrate: 1 if epoch < 20 else 30\n"
                             "targets: [{constraints: [{mean: {above: .5, below: .5}}]}]\n";
    const auto ended = [&](const std::string& more) {
        auto run = std::make_unique<clipig::Run>(config_of(yaml + more), RunSetup{load_mini, at::kCPU});
        while (!run->done()) (void)run->step();
        return run;
    };
    const auto off = [](const std::shared_ptr<const Planes>& planes) { return (image_tensor(*planes) - .5).abs().max().item<double>(); };
    const auto plain = ended(""), best = ended("keep_best: true\n"), average = ended("ema: .9\n");
    EXPECT_EQ(off(plain->picture(true)), off(plain->picture()));
    EXPECT_EQ(off(best->picture()), off(plain->picture())) << "the run itself goes on as without";
    EXPECT_LT(off(best->picture(true)), off(plain->picture()));
    EXPECT_NE(off(average->picture()), off(plain->picture()));
}

}  // namespace
}  // namespace clipig
