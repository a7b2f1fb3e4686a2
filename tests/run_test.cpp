// A run around its steps: the gradient's size, the average and the best picture, and everything at once.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/gradient.h"
#include "image/convert.h"
#include "image/write_picture.h"
#include "ops/planes.h"
#include "scene.h"

namespace clipig {
namespace {

using test::config_of;
using test::load_mini;

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
    const std::string yaml =
        "resolution: 8\nepochs: 30\nseed: 1\ninit: {mean: .2, std: 0}\nlearnrate: 1 if epoch < 20 else 30\n"
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

/// The picture after one epoch of effects on a picture of 14 x 10, which is moved before and back again behind.
Tensor after_effects(const std::string& yaml, const Tensor& before, std::int64_t down, std::int64_t right) {
    const std::string path = ::testing::TempDir() + "clipig_tile.png";
    write_picture(path, from_planes(image_planes(before.roll({down, right}, {2, 3})), 8), {});
    clipig::Run run(config_of("resolution: 14 10\nepochs: 1\ninit: {image: " + path + ", mean: 0, std: 1}\n" + yaml),
                    {load_mini, at::kCPU, 0});
    (void)run.step();
    return image_tensor(*run.picture()).roll({-down, -right}, {2, 3});
}

TEST(Tile, EffectsKnowNoEdge) {
    const Tensor before = at::rand({1, 3, 10, 14});
    for (const char* effects : {"[blur: 5]", "[sharpen: {amount: .5, kernel_size: 7}]",
                                "[edge: {kernel_size: 3, amount: 2}, {blur: 3, mask: x > -1}]", "[random_blur: 1 1]"}) {
        const std::string yaml = std::string("postproc: ") + effects + "\n";
        const auto moved_by = [&](const std::string& more, std::int64_t down, std::int64_t right) {
            const Tensor still = after_effects(more + yaml, before, 0, 0);
            return (after_effects(more + yaml, before, down, right) - still).abs().max().item<float>();
        };
        // the same numbers in another place: a vectorised sum may round differently at the ends of rows
        EXPECT_LT(moved_by("tile: true\n", 4, 6), 1e-6) << effects;
        EXPECT_GT(moved_by("", 4, 6), .01) << effects;
    }
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

}  // namespace
}  // namespace clipig
