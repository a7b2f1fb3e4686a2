#include "image/convert.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "image/contact_sheet.h"
#include "image/fixtures_test.h"
#include "image/font.h"
#include "image/resample.h"

namespace clipig {
namespace {

using fixtures::distance;

TEST(Convert, RgbDropsAlphaAndTriplesGrey) {
    EXPECT_EQ(distance(to_rgb(fixtures::quarters()), fixtures::quarters(3)), 0);
    const Picture grey = to_rgb(fixtures::gradient(1));
    EXPECT_EQ(grey.channels, 3);
    for (int c = 0; c < 3; ++c) EXPECT_EQ(grey.at(9, 2, c), 90);
    EXPECT_EQ(to_rgb(fixtures::gradient16()).at(3, 0, 0), (3 * 2700 + 7) >> 8);
}

TEST(Convert, DepthsRoundTrip) {
    const Picture all = fixtures::draw(1, 8, [](int x, int y, int) { return (y * 24 + x) % 256; });
    EXPECT_EQ(distance(to_depth(to_depth(all, 16), 8), all), 0);
}

TEST(Convert, PlanesRoundTripAtBothDepths) {
    EXPECT_EQ(distance(from_planes(to_planes(fixtures::gradient())), fixtures::gradient()), 0);
    EXPECT_EQ(distance(from_planes(to_planes(fixtures::gradient16()), 16), fixtures::gradient16()), 0);
}

TEST(Convert, FromPlanesClampsAndRounds) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const Planes planes{2, 1, {-1.0f, 2.0f, nan, 0.5f, 0.001f, std::numeric_limits<float>::infinity()}};
    const Picture picture = from_planes(planes);
    EXPECT_EQ(picture.samples, (std::vector<std::uint16_t>{0, 0, 0, 255, 128, 255}));
}

TEST(Convert, CropPadsWithZero) {
    const Picture part = crop(fixtures::gradient(), -2, 14, 5, 4);
    EXPECT_EQ(part.at(1, 0, 2), 0);
    EXPECT_EQ(part.at(3, 1, 0), 10);
    EXPECT_EQ(part.at(3, 1, 1), 240);
    EXPECT_EQ(part.at(3, 2, 1), 0);
    EXPECT_EQ(distance(center_crop(fixtures::gradient(), 24, 16), fixtures::gradient()), 0);
    // 24 - 19 = 5: round(2.5) is 2 in Python; 24 - 17 = 7: round(3.5) is 4; 16 - 17: round(-0.5) is 0
    EXPECT_EQ(center_crop(fixtures::gradient(), 19, 16).at(0, 0, 0), 20);
    EXPECT_EQ(center_crop(fixtures::gradient(), 17, 17).at(0, 0, 0), 40);
    EXPECT_EQ(center_crop(fixtures::gradient(), 17, 17).at(0, 16, 0), 0);
}

TEST(Resample, KeepsConstantsAndRamps) {
    Planes planes{20, 10, std::vector<float>(600, 0.25f)};
    for (const auto filter : {Filter::nearest, Filter::bilinear, Filter::bicubic})
        for (const auto& [width, height] : {std::pair{7, 3}, {41, 33}, {1, 1}})
            for (const float value : resize_planes(planes, width, height, filter).data)
                ASSERT_NEAR(value, 0.25f, 1e-6);  // sums of rounded weights
    for (std::size_t i = 0; i < planes.data.size(); ++i) planes.data[i] = static_cast<float>(i % 20);
    // a linear ramp stays one away from the borders: column i of 40 is at (i + 0.5) / 2 - 0.5
    const Planes large = resize_planes(planes, 40, 10, Filter::bicubic);
    for (int i = 8; i < 32; ++i)
        EXPECT_NEAR(large.data[static_cast<std::size_t>(i)], (i + 0.5) / 2 - 0.5, 0.05) << i;  // a = -0.5 is exact to third order
}

TEST(Resample, AgreesWithPillowWithinItsRounding) {
    const Planes small = resize_planes(to_planes(fixtures::gradient()), 9, 7, Filter::bicubic);
    EXPECT_EQ(small.width, 9);
    const Picture back = from_planes(small);
    EXPECT_NEAR(back.at(4, 3, 0), 115, 1);  // the middle of 0, 10, .. 230
    EXPECT_NEAR(back.at(4, 3, 1), 120, 1);
}

TEST(Resample, CoverAndFitKeepProportions) {
    const Planes planes = to_planes(fixtures::gradient());
    const Planes cover = cover_planes(planes, 16, 16);
    EXPECT_EQ(cover.width, 16);
    EXPECT_EQ(from_planes(cover).at(0, 0, 0), 40);  // four columns are cut at the left
    const Planes fit = fit_planes(planes, 12, 12);
    EXPECT_EQ(fit.width, 12);
    EXPECT_EQ(fit.height, 8);
}

TEST(Font, EveryGlyphIsDifferent) {
    for (char a = ' '; a <= '~'; ++a)
        for (char b = static_cast<char>(a + 1); b <= '~'; ++b) EXPECT_NE(glyph(a), glyph(b)) << a << b;
    EXPECT_EQ(glyph('\n'), glyph('?'));
}

TEST(ContactSheet, PlacesPicturesAndCaptions) {
    const Picture sheet =
        contact_sheet({fixtures::gradient(), fixtures::quarters(3), fixtures::gradient()}, 2, 4, {"first", "a caption that is too long"});
    EXPECT_EQ(sheet.width, 4 + 2 * 28);
    EXPECT_EQ(sheet.height, 4 + 2 * (16 + 2 * 11 + 4));
    EXPECT_EQ(distance(crop(sheet, 4, 4, 24, 16), fixtures::gradient()), 0);
    EXPECT_EQ(distance(crop(sheet, 32, 4, 24, 16), fixtures::quarters(3)), 0);
    EXPECT_EQ(distance(crop(sheet, 4, 46, 24, 16), fixtures::gradient()), 0);
    EXPECT_EQ(sheet.at(0, 0, 0), 255);
    const auto ink = [&](int left, int width) {
        int dots = 0;
        for (int y = 23; y < 30; ++y)
            for (int x = left; x < left + width; ++x) dots += sheet.at(x, y, 0) == 0 ? 1 : 0;
        return dots;
    };
    EXPECT_GT(ink(4, 24), 10);
    EXPECT_EQ(ink(28, 4), 0);  // captions stay in their cells
    EXPECT_EQ(contact_sheet({}).width, 1);
}

/// What is written below a picture of 24 x 16 in cells for `letters` letters.
Picture caption_under(const std::string& caption, int letters) {
    const Picture white{6 * letters, 16, 3, 8, std::vector<std::uint16_t>(18U * 16 * letters, 255), {}};
    const Picture sheet = contact_sheet({white}, 1, 0, {caption});
    return crop(sheet, 0, 16, 6 * letters, sheet.height - 16);
}

TEST(ContactSheet, LongCaptionsBreakBetweenWords) {
    Picture wanted{6 * 12, 22, 3, 8, std::vector<std::uint16_t>(18U * 12 * 22, 255), {}};
    draw_text(wanted, 0, 3, "a lion on a", {0, 0, 0});
    draw_text(wanted, 0, 14, "dark backg..", {0, 0, 0});
    EXPECT_EQ(distance(caption_under("a lion on a dark background", 12), wanted), 0);
    EXPECT_EQ(caption_under("a lion on a", 12).height, 11);
}

}  // namespace
}  // namespace clipig
