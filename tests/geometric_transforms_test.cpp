// What the reference pages say of the transforms that move pixels, on pictures whose pixels are numbered.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "base/error.h"
#include "operators.h"
#include "ops/apply.h"
#include "ops/resample.h"

namespace clipig {
namespace {

/// Pixel (x, y) has the value 1 + x + 100 y in all channels; 0 is black.
Tensor numbered(std::int64_t height, std::int64_t width) {
    const Tensor plane = 1 + at::arange(width, at::kDouble) + 100 * at::arange(height, at::kDouble).unsqueeze(1);
    return plane.expand({1, 3, height, width}).contiguous();
}

Tensor run(const std::string& yaml, const Tensor& images, const ViewRandom& random = {}) {
    return testing::transform_of(yaml)->apply(images, random);
}

double at_pixel(const Tensor& image, std::int64_t x, std::int64_t y) { return image[0][0][y][x].item<double>(); }

TEST(CenterCrop, RoundsAsTorchvisionAndPadsWithBlack) {
    EXPECT_EQ(at_pixel(run("center_crop: 4 4", numbered(7, 9)), 0, 0), 1 + 2 + 200);  // 2.5 and 1.5 round to even: 2 and 2
    const Tensor larger = run("center_crop: 12 9", numbered(7, 9));
    EXPECT_EQ(at_pixel(larger, 0, 1), 0);
    EXPECT_EQ(at_pixel(larger, 1, 1), 1);
    EXPECT_EQ(at_pixel(larger, 9, 7), 1 + 8 + 600);
}

TEST(Crop, FractionsAndPixelsMix) {
    const Tensor out = run("crop: .5 3 2 .29", numbered(100, 40));
    EXPECT_EQ(out.size(3), 2);
    EXPECT_EQ(out.size(2), 29);  // .29 x 100 is 28.999999999999996 in binary
    EXPECT_EQ(at_pixel(out, 0, 0), 1 + 20 + 300);
    EXPECT_THROW((void)run("crop: .1 .1 .1 .1", numbered(4, 4)), InputError);
}

TEST(RandomCrop, ReachesEveryPositionAndRefusesLargerWindows) {
    const Tensor images = numbered(5, 4);
    std::set<double> corners;
    const Tensor views = run("random_crop: 3 2", images, {.seed = 1, .views = 200});
    for (std::int64_t view = 0; view < 200; ++view) corners.insert(views[view][0][0][0].item<double>());
    EXPECT_EQ(corners, (std::set<double>{1, 2, 101, 102, 201, 202, 301, 302}));
    try {
        (void)run("random_crop: 9", images);
        FAIL();
    } catch (const InputError& error) {
        EXPECT_STREQ(error.what(),
                     "random_crop: a window of 9 x 9 pixels does not fit into a picture of 4 x 5; crop less, or put a pad or "
                     "resize before it");
    }
}

TEST(RandomShift, BothEndsAreDrawnAndFractionsScale) {
    std::set<double> seen;
    const Tensor views = run("random_shift: -1 1 0 .5", numbered(4, 9), {.seed = 1, .views = 200});
    for (std::int64_t view = 0; view < 200; ++view) seen.insert(views[view][0][0][0].item<double>());
    // x comes from columns 1, 0 and 8; y from rows 0, 3 and 2
    EXPECT_EQ(seen, (std::set<double>{1, 2, 9, 301, 302, 309, 201, 202, 209}));
}

TEST(RandomScale, HalfSizeIsAFramedAverage) {
    const Tensor out = run("random_scale: .5 .5", at::ones({1, 3, 16, 16}, at::kDouble));
    EXPECT_EQ(at_pixel(out, 2, 8), 0);
    EXPECT_NEAR(at_pixel(out, 6, 8), 1, 1e-12);              // the weights sum to 1
    EXPECT_NEAR(out.sum().item<double>(), 3 * 8 * 8, 1e-9);  // the border is soft but loses nothing
    const Tensor nearest = run("random_scale: {scale: .5 .5, interpolation: nearest}", numbered(16, 16));
    EXPECT_EQ(at_pixel(nearest, 4, 4), 1 + 1 + 100);
    EXPECT_EQ(at_pixel(nearest, 3, 8), 0);
}

TEST(RandomTranslate, StaysWithinItsRange) {
    const Tensor views = run("random_translate: .25 0", at::ones({1, 3, 4, 8}, at::kDouble), {.seed = 2, .views = 100});
    const Tensor lost = 8 - views.sum({2, 3}).select(1, 0) / 4;  // columns that left the picture
    EXPECT_LE(lost.max().item<double>(), 2 + 1e-12);
    EXPECT_GT(lost.max().item<double>(), 1.5);
}

TEST(Pad, KnowsItsBordersInAnyCase) {
    const Tensor images = numbered(3, 4);
    EXPECT_TRUE(run("pad: {size: 4 3, mode: Wrap}", images).equal(images.repeat({1, 1, 3, 3})));
    EXPECT_TRUE(run("pad: {size: 2, mode: EDGE}", images).equal(at::replication_pad2d(images, {2, 2, 2, 2})));
    EXPECT_TRUE(run("pad: {size: 2, color: .5, mode: fill}", images).equal(at::constant_pad_nd(images, {2, 2, 2, 2}, .5)));
}

TEST(RandomRotate, TurnsCounterClockwise) {
    const Tensor images = numbered(5, 5);
    EXPECT_TRUE(run("random_rotate: 90 90", images).equal(at::rot90(images, 1, {2, 3})));
    EXPECT_TRUE(run("rotate: {degree: -90}", images).equal(at::rot90(images, -1, {2, 3})));
    EXPECT_TRUE(run("rotate: {degree: 360}", images).equal(images));
}

TEST(ApplyTransforms, ComposedRunsEqualSingleStepsForWholePixels) {
    const Tensor images = numbered(20, 24);
    std::vector<std::unique_ptr<Transform>> list;
    for (const char* yaml :
         {"random_shift: -5 5", "pad: {size: 3, color: .5}", "mul: 2", "repeat: 2 1", "random_crop: 30 9", "shift: 2 3"}) {
        list.push_back(testing::transform_of(yaml));
    }
    const ViewRandom random{.seed = 4, .op = 10, .views = 3};
    Tensor expected = images;
    for (std::size_t i = 0; i < list.size(); ++i) {
        auto at = random;
        at.op += static_cast<std::uint32_t>(i);
        expected = list[i]->apply(expected, at);
    }
    const Tensor out = apply_transforms(list, images, random);
    EXPECT_EQ(out.sizes(), at::IntArrayRef({3, 3, 9, 30}));
    EXPECT_TRUE(out.equal(expected));
    EXPECT_TRUE(apply_transforms({}, images, random).equal(images));
}

TEST(ApplyTransforms, FractionsAreSampledOnce) {
    // a turn and its inverse are the picture itself, where two samplings would have blurred it
    const Tensor images = numbered(21, 21);
    std::vector<std::unique_ptr<Transform>> list;
    list.push_back(testing::transform_of("rotate: {degree: 17}"));
    list.push_back(testing::transform_of("rotate: {degree: -17}"));
    const Tensor out = apply_transforms(list, images, {});
    EXPECT_NEAR(at_pixel(out, 13, 8), at_pixel(images, 13, 8), 1e-8);
}

std::vector<std::unique_ptr<Transform>> transforms(std::initializer_list<const char*> yaml) {
    std::vector<std::unique_ptr<Transform>> list;
    for (const char* text : yaml) list.push_back(testing::transform_of(text));
    return list;
}

TEST(ApplyTransforms, TheResizeForTheModelIsPartOfTheMap) {
    Tensor images = at::empty({1, 3, 60, 60}, at::kDouble);  // smooth, so that a second interpolation hardly blurs it
    for (std::int64_t i = 0; i < images.numel(); ++i) {
        images.data_ptr<double>()[i] =
            .5 + .3 * std::sin(.11 * static_cast<double>(i % 60)) * std::cos(.07 * static_cast<double>(i / 60 % 60));
    }
    const ViewRandom random{.seed = 4, .views = 3};
    // whole pixels before it: one fractional stage is exact, up to the order of the sums
    const auto cropped = transforms({"random_crop: 40 50"});
    const Tensor two_steps = resize_images(apply_transforms(cropped, images, random), 16, 16, "cubic", true);
    const Tensor inside = apply_transforms(cropped, images, random, 16);
    EXPECT_LT((inside - two_steps).abs().max().item<double>(), 1e-12);
    // after a turn two interpolations became one; half a per cent of the range away from the edge is what the first had blurred
    const auto turned = transforms({"random_rotate: -20 20", "random_crop: 30"});
    const Tensor views = apply_transforms(turned, images, random, 16);
    ASSERT_EQ(views.sizes(), at::IntArrayRef({3, 3, 16, 16}));
    const Tensor reference = resize_images(apply_transforms(turned, images, random), 16, 16, "cubic", true);
    EXPECT_LT((views - reference).narrow(2, 3, 10).narrow(3, 3, 10).abs().max().item<double>(), .005);
    EXPECT_GT((views - reference).abs().max().item<double>(), 0);
}

TEST(ApplyTransforms, TheResizeForTheModelStaysApartWhereItMust) {
    const Tensor images = at::rand({1, 3, 30, 30}, at::kDouble);
    const auto side_of = [&](std::initializer_list<const char*> yaml) {
        return apply_transforms(transforms(yaml), images, {}, 16).size(3);
    };
    EXPECT_EQ(side_of({"random_rotate: {degree: -5 5, interpolation: nearest}"}), 30);  // its look would be lost
    EXPECT_EQ(side_of({"crop: 0 0 20 20", "noise: .1"}), 20);                           // noise on the pixels of the crop
    EXPECT_EQ(side_of({"noise: .1", "crop: 0 0 20 20"}), 16);
    EXPECT_EQ(side_of({}), 30);
}

}  // namespace
}  // namespace clipig
