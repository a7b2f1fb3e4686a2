#include "image/write_picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/error.h"
#include "base/files.h"
#include "image/fixtures_test.h"

namespace clipig {
namespace {

using fixtures::distance;

constexpr PictureFormat kFormats[] = {PictureFormat::png, PictureFormat::jpeg, PictureFormat::webp, PictureFormat::tiff};

PictureText story() {
    return {{"clipig configuration", "# größer\nseed: 7\ntargets:\n  - \"a <fox> & a 🐶\"\t]]>\r\n"},
            {"clipig version", "0.1.0"},
            {"Empty", ""}};
}

TEST(WritePicture, TextComesBackInEveryFormat) {
    for (const auto format : kFormats) {
        const Picture back = decode_picture(encode_picture(fixtures::gradient(), format, story()), "x");
        EXPECT_EQ(back.text, story()) << static_cast<int>(format);
    }
}

TEST(WritePicture, LongTextComesBackInEveryFormat) {
    PictureText text = story();
    for (int i = 0; i < 40000; ++i) text["long"] += std::to_string(i) + " ä\n";  // past the 64 kB of one JPEG segment, umlauts at every cut
    for (const auto format : kFormats)
        EXPECT_EQ(decode_picture(encode_picture(fixtures::gradient(), format, text), "x").text, text) << static_cast<int>(format);
}

TEST(WritePicture, NoTextNoChunks) {
    for (const auto format : kFormats) EXPECT_TRUE(decode_picture(encode_picture(fixtures::gradient(), format), "x").text.empty());
}

TEST(WritePicture, LosslessFormatsKeepEverySample) {
    const auto grey_alpha = fixtures::draw(2, 16, [](int x, int y, int c) { return c == 0 ? x * 2000 + 3 : y * 4000; });
    for (const Picture& picture :
         {fixtures::gradient(), fixtures::gradient(1), fixtures::gradient16(), fixtures::gradient16(1), fixtures::quarters(), grey_alpha})
        for (const auto format : {PictureFormat::png, PictureFormat::tiff})
            EXPECT_EQ(distance(decode_picture(encode_picture(picture, format), "x"), picture), 0)
                << picture.channels << " " << picture.depth;
    EncodeOptions options;
    options.lossless = true;
    for (const Picture& picture : {fixtures::gradient(), fixtures::quarters()})
        EXPECT_EQ(distance(decode_picture(encode_picture(picture, PictureFormat::webp, story(), options), "x"), picture), 0);
}

TEST(WritePicture, LossyFormatsAreNear) {
    // quality 95 with full chroma; WebP halves the chroma
    EXPECT_LE(distance(decode_picture(encode_picture(fixtures::gradient(), PictureFormat::jpeg), "x"), fixtures::gradient()), 3);
    EXPECT_LE(distance(decode_picture(encode_picture(fixtures::gradient(1), PictureFormat::jpeg), "x"), fixtures::gradient(1)), 2);
    EXPECT_LE(distance(decode_picture(encode_picture(fixtures::gradient(), PictureFormat::webp), "x"), fixtures::gradient()), 12);
    // 16 bits are rounded, not cut: 65535 / 257 of the way
    const Picture half = fixtures::draw(3, 16, [](int, int, int) { return 200 * 257 + 200; });
    EXPECT_EQ(decode_picture(encode_picture(half, PictureFormat::jpeg), "x").at(5, 5, 0), 201);
}

TEST(WritePicture, SamePixelsSameBytes) {
    for (const auto format : kFormats)
        EXPECT_EQ(encode_picture(fixtures::quarters(), format, story()), encode_picture(fixtures::quarters(), format, story()));
}

TEST(WritePicture, PngNamesItsColourSpace) {
    EXPECT_THAT(encode_picture(fixtures::gradient(), PictureFormat::png), testing::HasSubstr("sRGB"));
}

TEST(WritePicture, QualityChangesTheSize) {
    const auto noise = fixtures::draw(3, 8, [](int x, int y, int c) { return (x * 97 + y * 57 + c * 31) * 7919 % 256; });
    for (const auto format : {PictureFormat::jpeg, PictureFormat::webp})
        EXPECT_LT(encode_picture(noise, format, {}, {.quality = 40}).size(), encode_picture(noise, format, {}, {.quality = 98}).size());
}

TEST(WritePicture, RefusesWhatCannotBe) {
    EXPECT_THROW((void)encode_picture(fixtures::gradient(), PictureFormat::png, {{"bad\nkey", "x"}}), InputError);
    EXPECT_THROW((void)encode_picture(fixtures::gradient(), PictureFormat::png, {{"", "x"}}), InputError);
    EXPECT_THROW((void)encode_picture(fixtures::gradient(), PictureFormat::jpeg, {}, {.quality = 0}), InputError);
    EXPECT_THROW((void)encode_picture(codec::blank(16384, 1, 3), PictureFormat::webp), InputError);
    EXPECT_THROW((void)encode_picture(Picture{}, PictureFormat::png), Error);
    EXPECT_THROW(write_picture("picture.xyz", fixtures::gradient()), InputError);
    EXPECT_EQ(picture_format(".JPEG"), PictureFormat::jpeg);
    EXPECT_EQ(picture_format("bmp"), std::nullopt);
}

TEST(WritePicture, FilesAreWholeOrAbsent) {
    const auto folder = std::filesystem::temp_directory_path() / ("clipig_write_picture_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    write_picture(folder / "a.png", fixtures::gradient16(), story());
    const Picture back = read_picture(folder / "a.png");
    EXPECT_EQ(distance(back, fixtures::gradient16()), 0);
    EXPECT_EQ(back.text, story());
    EXPECT_THROW(write_picture(folder / "absent" / "a.png", fixtures::gradient()), Error);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace clipig
