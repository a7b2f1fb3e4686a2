// `p`, `start` and `end` of transforms, tested over all that are registered.
#include <gtest/gtest.h>

#include "base/error.h"
#include "engine/frame.h"
#include "operators.h"
#include "ops/apply.h"

namespace clipig {
namespace {

using List = std::vector<std::unique_ptr<Transform>>;

List list_of(const std::vector<std::pair<std::string, double>>& transforms) {
    List list;
    for (const auto& [yaml, probability] : transforms) {
        list.push_back(testing::transform_of(yaml));
        list.back()->probability = probability;
    }
    return list;
}

Tensor picture(std::int64_t views = 1) {
    Tensor result = at::empty({views, 3, 24, 20}, at::kDouble);
    Random random({3});
    for (std::int64_t i = 0; i < result.numel(); ++i) result.data_ptr<double>()[i] = random.uniform(.05, .95);
    return result;
}

ViewRandom views(std::int64_t count, std::uint32_t first = 0, std::uint32_t op = 0) {
    return {.seed = 11, .epoch = 2, .target = 1, .first_view = first, .op = op, .views = count};
}

/// The transforms that may have a `p` below 1 and draw none by themselves.
std::vector<OperatorSpec> sparable() {
    std::vector<OperatorSpec> specs;
    for (const OperatorSpec& spec : testing::schema()->operators) {
        if (spec.kind == "transform" && spec.keeps_resolution && spec.field("p")->named_only) specs.push_back(spec);
    }
    return specs;
}

TEST(Shares, EveryTransformHasThem) {
    for (const OperatorSpec& spec : testing::schema()->operators) {
        if (spec.kind != "transform") continue;
        for (const char* name : {"p", "start", "end"}) EXPECT_NE(spec.field(name), nullptr) << spec.name << ' ' << name;
    }
}

TEST(Shares, AMissedViewIsUnchangedAndAHitOneIsThatOfTheTransform) {
    ASSERT_GT(sparable().size(), 15U);
    for (const OperatorSpec& spec : sparable()) {
        const Tensor image = picture();
        const Tensor always = apply_transforms(list_of({{spec.example, 1}}), image, views(8));
        const Tensor sometimes = apply_transforms(list_of({{spec.example, .5}}), image, views(8));
        ASSERT_EQ(sometimes.size(0), 8) << spec.name;
        const auto acting = acting_views(.5, views(8));
        for (std::int64_t view = 0; view < 8; ++view) {
            const Tensor expected = !acting[static_cast<std::size_t>(view)] ? image[0] : always[always.size(0) == 1 ? 0 : view];
            EXPECT_TRUE(sometimes[view].equal(expected)) << spec.name << " view " << view;
        }
    }
}

TEST(Shares, BatchesDoNotChangeTheDraws) {
    for (const OperatorSpec& spec : sparable()) {
        const Tensor image = picture();
        const Tensor whole = apply_transforms(list_of({{spec.example, .5}}), image, views(6));
        for (std::uint32_t view = 0; view < 6; ++view) {
            EXPECT_TRUE(whole[view].equal(apply_transforms(list_of({{spec.example, .5}}), image, views(1, view))[0])) << spec.name;
        }
    }
}

TEST(Shares, DrawsFollowTheProbability) {
    std::size_t hits = 0;
    for (const bool acts : acting_views(.3, views(4000))) hits += acts ? 1 : 0;
    EXPECT_NEAR(static_cast<double>(hits) / 4000, .3, .03);  // four standard deviations of the mean
    EXPECT_EQ(acting_views(0, views(3)), (std::vector<bool>{false, false, false}));
    EXPECT_EQ(acting_views(1, views(3)), (std::vector<bool>{true, true, true}));
    EXPECT_NE(acting_views(.5, views(64, 0, 1)), acting_views(.5, views(64, 0, 2))) << "operators draw independently";
}

/// A missed transform in a chain of geometric ones leaves the views that the chain without it gives, to the bit.
TEST(Shares, AChainWithoutTheMissedOneIsSampledAlike) {
    const Tensor image = picture();
    const auto acting = acting_views(.5, views(8, 0, 1));
    const List chain = list_of({{"random_rotate: -20 20", 1}, {"random_scale: .6 1.4", .5}, {"random_crop: 12", 1}});
    const Tensor found = apply_transforms(chain, image, views(8));
    List all = list_of({{"random_rotate: -20 20", 1}, {"random_scale: .6 1.4", 1}, {"random_crop: 12", 1}});
    const Tensor with = apply_transforms(all, image, views(8));
    all[1] = nullptr;
    const Tensor without = apply_transforms(all, image, views(8));
    bool differ = false;
    for (std::int64_t view = 0; view < 8; ++view) {
        EXPECT_TRUE(found[view].equal(acting[static_cast<std::size_t>(view)] ? with[view] : without[view])) << view;
        differ = differ || !with[view].equal(without[view]);
    }
    EXPECT_TRUE(differ);
}

TEST(Shares, GradientIsTheDerivative) {
    for (const OperatorSpec& spec : sparable()) {
        if (!spec.gradient_note.empty()) continue;
        const Tensor leaf = picture().requires_grad_(true);
        const List list = list_of({{spec.example, .5}});
        const Tensor out = apply_transforms(list, leaf, views(5));
        const Tensor cotangent = at::arange(out.numel(), at::kDouble).sin().view(out.sizes());
        (out * cotangent).sum().backward();
        const Tensor direction = at::arange(leaf.numel(), at::kDouble).cos().view(leaf.sizes());
        const double step = 1e-7;  // few enough pixels cross a kink: quantize's steps, or where contrast clamps
        const auto value = [&](double t) {
            return (apply_transforms(list, leaf.detach() + t * direction, views(5)) * cotangent).sum().item<double>();
        };
        const double numeric = (value(step) - value(-step)) / (2 * step);
        // rounding: some 1e-16 x sqrt(terms) x |value| / step, below 1e-7 of the gradient's length
        EXPECT_NEAR((leaf.grad() * direction).sum().item<double>(), numeric, 1e-6 * (1 + leaf.grad().norm().item<double>())) << spec.name;
    }
}

TEST(Shares, ATransformThatChangesTheSizeIsRefused) {
    for (const char* yaml : {"random_crop: 9", "resize: 7", "cutouts: {size: 8}"}) {
        EXPECT_THROW((void)apply_transforms(list_of({{yaml, .5}}), picture(), views(8)), InputError) << yaml;
        EXPECT_THROW((void)testing::config_of("transform", std::string("{") + yaml + ", p: .5}"), ConfigError) << yaml;
        EXPECT_NO_THROW((void)testing::config_of("transform", std::string("{") + yaml + ", p: 1, start: .2}")) << yaml;
    }
}

TEST(Shares, MayStandInsideOrBeside) {
    for (const char* yaml : {"{blur: 3 .35, p: .2 + t, end: 40%}", "blur: {kernel_size: 3, sigma: .35, p: .2 + t, end: 40%}"}) {
        const Config config = testing::config_of("transform", yaml);
        const Settings& blur = config.targets[0].transforms[0];
        EXPECT_EQ(blur["p"].uses(), static_cast<unsigned>(kTime));
        EXPECT_DOUBLE_EQ(blur["end"].frame_time().value, .4);
        EXPECT_TRUE(in_schedule(blur, 4, 11));
        EXPECT_FALSE(in_schedule(blur, 5, 11));
    }
}

}  // namespace
}  // namespace clipig
