#include "image/pillow_resize.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/files.h"
#include "image/fixtures_test.h"

namespace clipig {
namespace {

std::string hash(const Picture& picture) {
    std::string bytes;
    for (const auto sample : picture.samples) bytes += static_cast<char>(sample);
    return sha256_hex(bytes);
}

/// As in tests/golden/pillow_resize.py.
Picture noise(const std::string& mode, int width, int height) {
    Picture picture = codec::blank(width, height, static_cast<int>(mode.size()));
    std::size_t at = 0;
    for (std::uint32_t y = 0; y < static_cast<std::uint32_t>(height); ++y) {
        for (std::uint32_t x = 0; x < static_cast<std::uint32_t>(width); ++x) {
            for (std::uint32_t c = 0; c < mode.size(); ++c) {
                std::uint32_t value = (x * 7919u + y * 104729u + c * 1299709u) * 2654435761u >> 24u;
                if (mode[c] == 'A' && value < 80) value = value < 40 ? 255 : 0;
                picture.samples[at++] = static_cast<std::uint16_t>(value);
            }
        }
    }
    return picture;
}

TEST(PillowResize, EqualsPillowBitForBit) {
    std::ifstream file(CLIPIG_SOURCE_DIR "/tests/golden/pillow_resize.txt");
    int checked = 0;
    for (std::string line; std::getline(file, line); ++checked) {
        std::istringstream words(line);
        std::string mode, task, filter, expected;
        int width = 0, height = 0, new_width = 0, new_height = 0;
        words >> mode >> width >> height >> task;
        const Picture picture = noise(mode, width, height);
        if (task == "clip") {
            words >> new_width >> expected;
            EXPECT_EQ(hash(clip_preprocess(picture, new_width)), expected) << line;
        } else {
            words >> filter >> new_width >> new_height >> expected;
            const Filter kind = filter == "bicubic" ? Filter::bicubic : filter == "bilinear" ? Filter::bilinear : Filter::nearest;
            EXPECT_EQ(hash(pillow_resize(picture, new_width, new_height, kind)), expected) << line;
        }
    }
    EXPECT_EQ(checked, 360);
}

/// SHA-256 of the reference for one picture, found by its name in the JSON text.
std::string reference(const std::string& name) {
    const std::string json = read_file(CLIPIG_SOURCE_DIR "/tests/golden/preprocess_reference_run.json");
    const std::string key = "\"u8_sha256\": \"";
    return json.substr(json.find(key, json.find("\"" + name + "\"")) + key.size(), 64);
}

TEST(ClipPreprocess, GivesTheBytesOfTheOriginal) {
    EXPECT_EQ(hash(clip_preprocess(read_picture(CLIPIG_SOURCE_DIR "/tests/golden/CLIP.png"), 224)), reference("CLIP.png"));
}

TEST(ClipPreprocess, GivesTheBytesOfTheOriginalForPhotographs) {
    const char* folder = std::getenv("CLIPIG_GOLDEN");
    if (folder == nullptr) GTEST_SKIP() << "set CLIPIG_GOLDEN to a folder with images/ to run it";
    for (const char* name : {"000000039769.png", "two_dogs_in_snow.jpg"})
        EXPECT_EQ(hash(clip_preprocess(read_picture(std::string(folder) + "/images/" + name), 224)), reference(name)) << name;
}

TEST(ClipPreprocess, SquashAndSixteenBits) {
    const Picture picture = noise("RGB", 40, 20);
    EXPECT_EQ(hash(clip_preprocess(picture, 16, ResizeMode::squash)), hash(pillow_resize(picture, 16, 16, Filter::bicubic)));
    Picture deep = picture;
    deep.depth = 16;
    for (auto& sample : deep.samples) sample = static_cast<std::uint16_t>(sample * 256 + 200);
    EXPECT_EQ(hash(clip_preprocess(deep, 16)), hash(clip_preprocess(picture, 16)));
}

}  // namespace
}  // namespace clipig
