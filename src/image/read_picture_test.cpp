// Every fixture was made by another program from the drawings of tests/pictures/draw.py.
#include "image/read_picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/error.h"
#include "base/files.h"
#include "image/exif.h"
#include "image/fixtures_test.h"

namespace clipig {
namespace {

using fixtures::distance;
using fixtures::fixture;
using testing::AllOf;
using testing::HasSubstr;

/// Black below the middle value, as the bilevel fixtures.
Picture bilevel(int channels) {
    return fixtures::draw(channels, 8, [](int x, int, int) { return x * 10 > 127 ? 255 : 0; });
}

/// The message of the InputError that reading throws.
std::string refusal(std::string_view bytes, std::int64_t limit = kMaxPicturePixels) {
    try {
        const Picture picture = decode_picture(bytes, "the file", limit);
        return "was read: " + std::to_string(picture.width);
    } catch (const InputError& error) {
        return error.what();
    }
}

std::string fixture_bytes(const std::string& name) { return read_file(CLIPIG_SOURCE_DIR "/tests/pictures/" + name); }

TEST(ReadPicture, LosslessFilesGiveTheExactSamples) {
    const Picture inverse = fixtures::draw(1, 8, [](int x, int, int) { return 255 - x * 10; });
    const std::map<std::string, Picture> expected = {
        {"png_rgb8.png", fixtures::gradient()},
        {"png_interlaced.png", fixtures::gradient()},
        {"png_text.png", fixtures::gradient()},
        {"png_rgb16.png", fixtures::gradient16()},
        {"png_grey16.png", fixtures::gradient16(1)},
        {"png_rgba8.png", fixtures::quarters()},
        {"png_rgba16.png", to_depth(fixtures::quarters(), 16)},
        {"png_palette.png", fixtures::quarters(3)},
        {"png_grey1.png", bilevel(1)},
        {"webp_lossless.webp", fixtures::gradient()},
        {"webp_alpha.webp", fixtures::quarters()},
        {"gif_plain.gif", fixtures::quarters(3)},
        {"gif_interlaced.gif", fixtures::quarters(3)},
        {"bmp_24.bmp", fixtures::gradient()},
        {"bmp_core.bmp", fixtures::gradient()},
        {"bmp_32_alpha.bmp", fixtures::quarters()},
        {"bmp_palette.bmp", fixtures::quarters(3)},
        {"bmp_rle8.bmp", fixtures::quarters(3)},
        {"bmp_1.bmp", bilevel(3)},
        {"tiff_rgb8.tif", fixtures::gradient()},
        {"tiff_big.tif", fixtures::gradient()},
        {"tiff_planes.tif", fixtures::gradient()},
        {"tiff_tiled_planes.tif", fixtures::gradient()},
        {"tiff_rgb16.tif", fixtures::gradient16()},
        {"tiff_rgb16_big_endian.tif", fixtures::gradient16()},
        {"tiff_tiled16.tif", fixtures::gradient16()},
        {"tiff_grey16.tif", fixtures::gradient16(1)},
        {"tiff_rgba8.tif", fixtures::quarters()},
        {"tiff_palette.tif", fixtures::quarters(3)},
        {"tiff_group4.tif", bilevel(3)},
        {"tiff_min_is_white.tif", inverse},
    };
    for (const auto& [name, picture] : expected) EXPECT_EQ(distance(fixture(name), picture), 0) << name;
}

TEST(ReadPicture, LossyFilesAreNear) {
    // quality 95 quantises smooth gradients by a few steps; chroma that is halved adds its interpolation at the edges
    EXPECT_LE(distance(fixture("jpeg_444.jpg"), fixtures::gradient()), 3);
    EXPECT_LE(distance(fixture("jpeg_rgb.jpg"), fixtures::gradient()), 3);
    EXPECT_LE(distance(fixture("jpeg_grey.jpg"), fixtures::gradient(1)), 2);
    EXPECT_LE(distance(fixture("jpeg_cmyk.jpg"), fixtures::gradient()), 5);
    EXPECT_LE(distance(fixture("jpeg_progressive.jpg"), fixtures::gradient()), 10);
    EXPECT_LE(distance(fixture("jpeg_arithmetic.jpg"), fixture("jpeg_progressive.jpg")), 0);  // the same coefficients, coded otherwise
    EXPECT_LE(distance(fixture("webp_lossy.webp"), fixtures::gradient()), 12);
    EXPECT_LE(distance(fixture("tiff_cmyk.tif"), fixtures::gradient()), 2);
    EXPECT_LE(distance(fixture("bmp_565.bmp"), fixtures::gradient()), 8);  // five bits a colour
}

TEST(ReadPicture, Transparency) {
    const Picture expected = fixtures::quarters();
    for (const char* name : {"gif_transparent.gif", "png_palette_alpha.png", "webp_lossy_alpha.webp"}) {
        const Picture picture = fixture(name);
        ASSERT_EQ(picture.channels, 4) << name;
        for (int y = 0; y < 16; ++y) {
            for (int x = 0; x < 24; ++x) {
                ASSERT_EQ(picture.at(x, y, 3), expected.at(x, y, 3)) << name << " " << x << " " << y;
                if (expected.at(x, y, 3) == 255 && std::string(name) != "webp_lossy_alpha.webp") {
                    for (int c = 0; c < 3; ++c) ASSERT_EQ(picture.at(x, y, c), expected.at(x, y, c)) << name;
                }
            }
        }
    }
    const Picture key = fixture("png_rgb_trns.png");
    ASSERT_EQ(key.channels, 4);
    EXPECT_EQ(key.at(0, 0, 3), 0);
    EXPECT_EQ(key.at(1, 0, 3), 255);
    const Picture grey = fixture("png_grey_alpha.png");
    ASSERT_EQ(grey.channels, 2);
    EXPECT_EQ(grey.at(7, 3, 0), 70);
    EXPECT_EQ(grey.at(7, 3, 1), 255);
}

TEST(ReadPicture, AnimationsGiveTheFirstFrameOnTheCanvas) {
    for (const char* name : {"gif_offset_animated.gif", "webp_animated.webp"}) {
        const Picture picture = fixture(name);
        ASSERT_EQ(picture.channels, 4) << name;
        ASSERT_EQ(picture.width, 24) << name;
        for (int y = 0; y < 16; ++y) {
            for (int x = 0; x < 24; ++x) {
                const bool inside = x >= 10 && x < 20 && y < 6;
                ASSERT_EQ(picture.at(x, y, 3), inside ? 255 : 0) << name << " " << x << " " << y;
                ASSERT_EQ(picture.at(x, y, 1), inside ? 255 : 0) << name;
            }
        }
    }
}

TEST(ReadPicture, OrientationIsApplied) {
    const Picture upright = fixture("jpeg_444.jpg");
    // the pixel of the stored picture that is seen at (x, y), from the drawings in the EXIF standard
    const auto stored = [](int orientation, int x, int y) -> std::pair<int, int> {
        switch (orientation) {
            case 2: return {23 - x, y};
            case 3: return {23 - x, 15 - y};
            case 4: return {x, 15 - y};
            case 5: return {y, x};
            case 6: return {y, 15 - x};
            case 7: return {23 - y, 15 - x};
            case 8: return {23 - y, x};
            default: return {x, y};
        }
    };
    for (int orientation = 1; orientation <= 8; ++orientation) {
        const Picture picture = fixture("jpeg_orientation_" + std::to_string(orientation) + ".jpg");
        ASSERT_EQ(picture.width, orientation < 5 ? 24 : 16);
        for (int y = 0; y < picture.height; ++y) {
            for (int x = 0; x < picture.width; ++x) {
                const auto [from_x, from_y] = stored(orientation, x, y);
                for (int c = 0; c < 3; ++c) ASSERT_EQ(picture.at(x, y, c), upright.at(from_x, from_y, c)) << orientation;
            }
        }
    }
    EXPECT_EQ(distance(fixture("webp_orientation_6.webp"), codec::oriented(fixtures::gradient(), 6)), 0);
    EXPECT_EQ(distance(fixture("tiff_orientation_6.tif"), codec::oriented(fixtures::gradient(), 6)), 0);
}

TEST(ReadPicture, TextOfOtherPrograms) {
    auto text = fixture("png_text.png").text;
    EXPECT_EQ(text["Author"], "Ludwig Böhm");
    EXPECT_THAT(text["Title"], AllOf(HasSubstr("1 2 3 "), HasSubstr(" 399 400")));  // long enough that it was compressed
    text = fixture("jpeg_exif_text.jpg").text;
    EXPECT_EQ(text["ImageDescription"], "a description");
    EXPECT_EQ(text["UserComment"], "größer – 大 🐶");
    EXPECT_EQ(text["Comment"], "a comment");
    EXPECT_EQ(text["Description"], "less < more & more");
    EXPECT_EQ(fixture("tiff_orientation_6.tif").text["ImageDescription"], "a description");
}

TEST(ReadPicture, OtherFilesAreRefusedByName) {
    EXPECT_EQ(refusal("just text"), "'the file' is not a picture that can be read (PNG, JPEG, WebP, GIF, BMP, TIFF)");
    EXPECT_THAT(refusal(""), HasSubstr("the file is empty"));
    EXPECT_THROW((void)read_picture("no such file.png"), InputError);
}

TEST(ReadPicture, FilesThatAreCutShortAreRefused) {
    // (name, format, bytes at the end that no pixel of the first frame needs)
    const std::vector<std::tuple<std::string, std::string, std::size_t>> files = {
        {"png_rgb8.png", "PNG", 0},     {"png_interlaced.png", "PNG", 0},  {"jpeg_444.jpg", "JPEG", 2}, {"jpeg_progressive.jpg", "JPEG", 2},
        {"webp_lossy.webp", "WebP", 0}, {"webp_lossless.webp", "WebP", 0}, {"gif_plain.gif", "GIF", 4}, {"bmp_24.bmp", "BMP", 0},
        {"bmp_rle8.bmp", "BMP", 4},     {"tiff_rgb8.tif", "TIFF", 64}};  // the resolution stands last
    for (const auto& [name, format, spare] : files) {
        const std::string bytes = fixture_bytes(name);
        for (std::size_t size = 30; size + spare + 1 < bytes.size(); ++size) {
            const std::string message = refusal(std::string_view(bytes).substr(0, size));
            ASSERT_THAT(message, HasSubstr("'the file': this " + format + " cannot be read: ")) << name << " cut to " << size;
        }
    }
}

TEST(ReadPicture, DamagedFilesDoNotCrash) {
    for (const char* name : {"png_palette_alpha.png", "jpeg_progressive.jpg", "jpeg_cmyk.jpg", "webp_animated.webp",
                             "gif_offset_animated.gif", "bmp_rle8.bmp", "tiff_tiled_planes.tif", "tiff_group4.tif", "jpeg_exif_text.jpg"}) {
        const std::string good = fixture_bytes(name);
        for (std::size_t at = 0; at < good.size(); ++at) {
            for (const char value : {'\x00', '\xFF', '\x7F'}) {
                std::string bytes = good;
                bytes[at] = value;
                (void)refusal(bytes, 1 << 16);  // any answer but a crash
            }
        }
    }
}

TEST(ReadPicture, HugePicturesAreRefusedByTheirHeader) {
    std::string bmp = fixture_bytes("bmp_24.bmp");
    bmp[20] = 0x40;  // 4 194 328 pixels wide
    bmp[24] = 0x40;
    EXPECT_THAT(refusal(bmp), AllOf(HasSubstr("4194328 x 4194320 pixels"), HasSubstr("at most 268435456")));
    std::string gif = fixture_bytes("gif_plain.gif");
    gif.replace(6, 4, "\xFF\xFF\xFF\xFF");
    EXPECT_THAT(refusal(gif), HasSubstr("65535 x 65535 pixels"));
    EXPECT_THAT(refusal(fixture_bytes("png_rgb8.png"), 24 * 16 - 1), HasSubstr("24 x 16 pixels, and at most 383"));
    EXPECT_THAT(refusal(fixture_bytes("jpeg_444.jpg"), 100), HasSubstr("24 x 16 pixels"));
    EXPECT_THAT(refusal(fixture_bytes("webp_lossy.webp"), 100), HasSubstr("24 x 16 pixels"));
    EXPECT_THAT(refusal(fixture_bytes("tiff_rgb8.tif"), 100), HasSubstr("24 x 16 pixels"));
}

}  // namespace
}  // namespace clipig
