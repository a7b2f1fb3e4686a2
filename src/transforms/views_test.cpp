// Views: cutouts, flips, bends and changes of colour, against what is known of them.
#include <gtest/gtest.h>

#include "ops/apply.h"
#include "ops/resample.h"
#include "ops/test_operator.h"

namespace clipig {
namespace {

using test::largest;
using test::make_operator;
using test::random_of;
using test::random_picture;

Tensor applied(const std::string& yaml, const Tensor& images, std::int64_t views = 1) {
    return make_operator<Transform>(yaml)->apply(images, random_of(views));
}

/// A picture whose red is x and whose green is y, both 0..1 at the borders.
Tensor ramp(std::int64_t height, std::int64_t width) {
    const Tensor x = ((at::arange(width, at::kDouble) + .5) / static_cast<double>(width)).expand({height, width});
    const Tensor y = ((at::arange(height, at::kDouble) + .5) / static_cast<double>(height)).view({height, 1}).expand({height, width});
    return at::stack({x, y, at::zeros_like(x)}).unsqueeze(0).contiguous();
}

double width_of(const Tensor& view) { return (view[0].max() - view[0].min()).item<double>(); }

TEST(Cutouts, HoldTheShareOfOverviews) {
    const auto views =
        applied("cutouts: {size: 32, overview: .25, scale: .3 .5, pad: 0, flip: 0, overview_scale: .9 1}", ramp(100, 100), 16);
    ASSERT_EQ(views.sizes(), at::IntArrayRef({16, 3, 32, 32}));
    int large = 0;
    for (std::int64_t i = 0; i < 16; ++i) {
        const double width = width_of(views[i]);
        large += width > .8 ? 1 : 0;
        EXPECT_TRUE(width > .8 || width < .51) << width;                                   // half the picture and nothing between
        EXPECT_NEAR(width, (views[i][1].max() - views[i][1].min()).item<double>(), .005);  // squares; the kernel's taps are whole pixels
    }
    EXPECT_EQ(large, 4);
}

TEST(Cutouts, WholeViewIsTheResizedPicture) {
    const Tensor picture = random_picture(96, 96, 1, at::kDouble);
    const Tensor view = applied("cutouts: {size: 32, overview: 1, overview_scale: 1, flip: 0}", picture);
    EXPECT_LT(largest(view - resize_images(picture, 32, 32, "linear", true)), .05);  // the kernel sees the border's pixels outside, too
    EXPECT_LT(largest((view - resize_images(picture, 32, 32, "linear", true)).narrow(2, 2, 28).narrow(3, 2, 28)), 1e-12);
    const Tensor flipped = applied("cutouts: {size: 32, overview: 1, overview_scale: 1, flip: 1}", picture);
    EXPECT_LT(largest(flipped - view.flip({3})), 1e-12);
}

TEST(Cutouts, BordersShowWhatTheySay) {
    const Tensor white = at::ones({1, 3, 40, 40}, at::kDouble);
    const std::string far = "cutouts: {size: 16, overview: 0, scale: .5 .5, pad: 1, border: ";
    for (const char* border : {"edge", "wrap", "mirror"}) {
        EXPECT_LT(largest(applied(far + border + "}", white, 8) - 1), 1e-12) << border;
    }
    const Tensor black = applied(far + "black}", white, 8);
    EXPECT_GT((black < .01).sum().item<double>(), 0);
    // across the left border a wrapped ramp jumps: only then a view spans nearly all reds
    const auto spans = [&](const char* border) {
        double widest = 0;
        const Tensor views = applied(far + border + "}", ramp(40, 40), 24);
        for (std::int64_t i = 0; i < 24; ++i) widest = std::max(widest, width_of(views[i]));
        return widest;
    };
    EXPECT_GT(spans("wrap"), .8);
    EXPECT_LT(spans("edge"), .56);
    EXPECT_LT(spans("mirror"), .56);  // a mirrored ramp turns round, it does not jump
    EXPECT_GT(largest(applied(far + "mirror}", ramp(40, 40), 8) - applied(far + "edge}", ramp(40, 40), 8)), .05);
}

TEST(Flip, MirrorsExactly) {
    const Tensor picture = random_picture(7, 10);
    EXPECT_TRUE(applied("flip: 1", picture).equal(picture.flip({3})));
    EXPECT_TRUE(applied("flip: {p: 1, vertical: true}", picture).equal(picture.flip({2})));
    EXPECT_TRUE(applied("flip: 0", picture).equal(picture));
    const Tensor half = applied("flip: .5", picture, 64);
    std::int64_t mirrored = 0;
    for (std::int64_t i = 0; i < 64; ++i) mirrored += half[i].equal(picture.flip({3})[0]) ? 1 : 0;
    EXPECT_GT(mirrored, 16);
    EXPECT_LT(mirrored, 48);
}

TEST(Warp, WithoutStrengthNothingMoves) {
    const Tensor picture = random_picture(21, 34, 1, at::kDouble);
    for (const char* yaml : {"perspective: {distortion: 0, p: 1}", "perspective: {distortion: .3, p: 0}", "elastic: {strength: 0}"}) {
        EXPECT_LT(largest(applied(yaml, picture) - picture), 1e-12) << yaml;
    }
}

TEST(Perspective, KeepsStraightLinesStraight) {
    // the edge of a half plane: its place in each row, found by the row's sum, changes by equal steps or it would bend
    Tensor picture = at::zeros({1, 3, 200, 200}, at::kDouble);
    picture.narrow(3, 0, 100).fill_(1);
    const Tensor view = applied("perspective: {distortion: .2, p: 1, border: edge}", picture)[0][0];
    const Tensor sums = view.sum(-1);
    const Tensor bend = sums.narrow(0, 40, 160) - 2 * sums.narrow(0, 20, 160) + sums.narrow(0, 0, 160);
    EXPECT_LT(largest(bend), .3);  // pixels; soft edges shift the sums a little
    EXPECT_GT(largest(sums - sums[0]), .5);
}

TEST(Colour, KnownChanges) {
    const Tensor picture = random_picture(9, 8, 1, at::kDouble);
    const Tensor turned = applied("hue: 120 120", picture);
    for (std::int64_t c = 0; c < 3; ++c) EXPECT_LT(largest(turned[0][(c + 1) % 3] - picture[0][c]), 1e-12);
    const Tensor shade = applied("grey: 1", picture);
    EXPECT_LT(largest(shade[0][0] - (picture[0][0] * .2989 + picture[0][1] * .587 + picture[0][2] * .114)), 1e-12);
    EXPECT_TRUE(shade[0][0].equal(shade[0][2]));
    EXPECT_LT(largest(applied("jitter: {brightness: 0, contrast: 0, saturation: 0}", picture) - picture), 1e-12);
    EXPECT_LT(largest(applied("sharpen: 0", picture) - picture), 1e-15);
    EXPECT_LT(largest(applied("sharpen: -1", picture) - applied("blur", picture)), 1e-15);
    EXPECT_TRUE(applied("random_blur: 0 0", picture).equal(picture));
    EXPECT_TRUE(applied("random_noise: 0 0", picture).equal(picture));
}

TEST(Noise, HasItsStrength) {
    const Tensor noise = applied("random_noise: .2 .2", at::zeros({1, 3, 64, 64}, at::kDouble), 4);
    EXPECT_NEAR(noise.square().mean().sqrt().item<double>(), .2, .004);  // 49,000 numbers: 0.3 % of the deviation, times 6
}

TEST(Erase, CoversTheArea) {
    const Tensor white = at::ones({1, 3, 100, 100}, at::kDouble);
    const Tensor views = applied("erase: {area: .2 .2, ratio: .5 2, color: 0, p: 1}", white, 8);
    for (std::int64_t i = 0; i < 8; ++i)
        EXPECT_NEAR(1 - views[i].mean().item<double>(), .2, .01);  // whole pixels: half of 1 in 32 each way
    EXPECT_TRUE(applied("erase: {p: 0}", white).equal(white));
}

}  // namespace
}  // namespace clipig
