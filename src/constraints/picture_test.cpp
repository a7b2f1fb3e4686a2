// Constraints on what pictures look like, against values by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "ops/constraint.h"
#include "ops/test_operator.h"

namespace clipig {
namespace {

using test::largest;
using test::make_operator;
using test::random_of;
using test::random_picture;

double value(const std::string& yaml, const Tensor& images) {
    return make_operator<Constraint>(yaml)->value(images, random_of(images.size(0)))[0].item<double>();
}

TEST(PictureConstraints, TotalVariationOfStripes) {
    Tensor stripes = at::zeros({1, 3, 4, 6}, at::kDouble);
    for (std::int64_t x = 0; x < 6; x += 2) stripes.select(3, x).fill_(.5);
    EXPECT_NEAR(value("tv: {loss: l1}", stripes), 50, 1e-12);
    EXPECT_NEAR(value("tv: {loss: l2}", stripes), 25, 1e-12);
    EXPECT_EQ(value("tv", at::full({1, 3, 1, 1}, .3)), 0);
    EXPECT_NEAR(value("smoothness", stripes), 100 * std::sqrt(3 * .25), 1e-3);
    EXPECT_NEAR(value("smoothness: {mode: clipped}", stripes), 50, 1e-9);
}

TEST(PictureConstraints, OfTilesKnowNoEdge) {
    const Tensor picture = random_picture(7, 5, 1, at::kDouble), moved = picture.roll({3, 2}, {2, 3});
    for (const char* name : {"tv", "tv: {loss: l1", "smoothness", "smoothness: {mode: log"}) {
        const std::string start = std::string(name).find('{') == std::string::npos ? std::string(name) + ": {" : std::string(name) + ", ";
        EXPECT_NEAR(value(start + "wrap: true}", picture), value(start + "wrap: true}", moved), 1e-10) << name;  // sums in another order
        EXPECT_GT(std::abs(value(start + "wrap: false}", picture) - value(start + "wrap: false}", moved)), 1e-3) << name;
    }
}

TEST(PictureConstraints, SymmetryIsZeroForSymmetricPictures) {
    const Tensor half = random_picture(6, 5, 1, at::kDouble);
    const Tensor whole = at::cat({half, half.flip({3})}, 3);
    EXPECT_EQ(value("symmetry", whole), 0);
    EXPECT_GT(value("symmetry: {axis: horizontal}", whole), 1);
    EXPECT_EQ(value("symmetry: {axis: horizontal}", whole.transpose(2, 3).contiguous()), 0);
}

TEST(PictureConstraints, PaletteRangeAndEdge) {
    EXPECT_NEAR(value("palette: {colors: [0, 0, 0, 1, 1, 1]}", at::full({1, 3, 4, 4}, .8, at::kDouble)), 100 * .04, 1e-12);
    EXPECT_THROW((void)value("palette: {colors: [1, 2]}", random_picture(2, 2)), InputError);
    EXPECT_NEAR(value("range", at::full({1, 3, 4, 4}, 1.5, at::kDouble)), 25, 1e-12);
    EXPECT_EQ(value("range", random_picture(5, 5)), 0);
    EXPECT_NEAR(value("edge_colour: {size: 1, color: .5}", at::zeros({1, 3, 8, 8}, at::kDouble)), 25, 1e-10);
    EXPECT_EQ(value("edge_colour: {size: 0}", random_picture(5, 5)), 0);
}

/// Real waves of every frequency, amplitude f^power, phases from a generator.
Tensor waves(std::int64_t side, double power) {
    const Tensor noise = random_picture(side, side, 1, at::kDouble) - .5;
    const auto options = at::TensorOptions().dtype(at::kDouble);
    const Tensor f = at::fft_fftfreq(side, 1.0, options), g = at::fft_rfftfreq(side, 1.0, options);
    const Tensor radius = (f.view({side, 1}).square() + g.square()).sqrt().clamp_min(1.0 / static_cast<double>(side));
    return at::fft_irfft2(at::fft_rfft2(noise) * radius.pow(power), at::IntArrayRef{side, side}) * 10;
}

TEST(PictureConstraints, SpectrumKnowsSlopes) {
    for (const double power : {0.0, -1.0, -1.5}) {
        const Tensor picture = waves(96, power);
        // amplitude f^p has power f^2p; the noise's own logarithms scatter by some hundredths
        EXPECT_LT(value("spectrum: {slope: " + std::to_string(2 * power) + "}", picture), .03) << power;
        EXPECT_NEAR(value("spectrum: {slope: " + std::to_string(2 * power + 1) + "}", picture), 1, .4) << power;
    }
    EXPECT_EQ(value("spectrum", random_picture(5, 5)), 0);
}

// 1 x 1 red, made by hand: header, one deflated row, end
const std::string kRed =
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mP4z8AAAAMBAQD3A0FDAAAAAElFTkSuQmCC";

/// [N,3,H,W] in double.
Tensor red(std::int64_t height, std::int64_t width, std::int64_t images = 1) {
    Tensor picture = at::zeros({images, 3, height, width}, at::kDouble);
    picture.select(1, 0).fill_(1);
    return picture;
}

TEST(PictureConstraints, ImageByFrequencies) {
    const std::string start = "image: {picture: \"" + kRed + "\", loss: ";
    const Tensor off = red(9, 14, 2) + random_picture(9, 14, 2, at::kDouble) * .3;
    EXPECT_NEAR(value(start + "dct, falloff: 0}", off), value(start + "l2}", off), 1e-10);  // Parseval
    EXPECT_LT(value(start + "dct}", red(9, 14)), 1e-20);
    EXPECT_NEAR(value(start + "DCT, falloff: 3}", red(9, 14) - .2), 100 * .04, 1e-10);  // a plain difference counts in full
    // one half wave and five of them, of which a mean square of 1/2 is left, on both sides of the picture
    for (const std::int64_t count : {1, 5}) {
        const Tensor line = ((at::arange(20, at::kDouble) + .5) * (std::acos(-1) * static_cast<double>(count) / 20)).cos() * .1;
        const double across = 100 * .005 / std::pow(1 + .5 * static_cast<double>(count), 4);  // half of them along the shorter side
        EXPECT_NEAR(value(start + "dct, falloff: 2}", red(10, 20) + line), across, 1e-12) << count;
        EXPECT_NEAR(value(start + "dct, falloff: 2}", red(20, 10) + line.unsqueeze(1)), across, 1e-12) << count;
    }
    EXPECT_NEAR(value(start + "dct}", red(30, 40) - .1), value(start + "dct}", red(300, 400) - .1), 1e-10);
}

TEST(PictureConstraints, ImageIsZeroAtItsPicture) {
    Tensor picture = at::zeros({2, 3, 5, 4});
    picture.select(1, 0).fill_(1);
    EXPECT_LT(value("image: {picture: \"" + kRed + "\"}", picture), 1e-10);
    EXPECT_NEAR(value("image: {picture: \"" + kRed + "\", loss: l1}", at::ones({1, 3, 5, 4})), 100 * 2.0 / 3, 1e-4);
    try {
        (void)value("image: {picture: nowhere.png}", picture);
        FAIL() << "a picture that is not there was read";
    } catch (const InputError& error) {
        EXPECT_NE(std::string(error.what()).find("nowhere.png"), std::string::npos);
    }
}

}  // namespace
}  // namespace clipig
