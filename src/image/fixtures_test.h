// The drawings of tests/pictures/draw.py as pictures, and how far another picture is from one.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <string>

#include "image/codec.h"
#include "image/convert.h"
#include "image/read_picture.h"

namespace clipig::fixtures {

template <typename Pixel>
Picture draw(int channels, int depth, Pixel pixel) {
    Picture picture = codec::blank(24, 16, channels, depth);
    for (int y = 0; y < 16; ++y)
        for (int x = 0; x < 24; ++x)
            for (int c = 0; c < channels; ++c)
                picture.samples[codec::offset_of(picture, x, y) + static_cast<std::size_t>(c)] = static_cast<std::uint16_t>(pixel(x, y, c));
    return picture;
}

inline Picture gradient(int channels = 3) {
    return draw(channels, 8, [](int x, int y, int c) { return c == 0 ? x * 10 : c == 1 ? y * 16 : 128 + (x - y) * 4; });
}

inline Picture gradient16(int channels = 3) {
    return draw(channels, 16, [](int x, int y, int c) { return c == 0 ? x * 2700 + 7 : c == 1 ? y * 4000 + 11 : 30000 + (x - y) * 1000; });
}

/// Red, green / blue, transparent white.
inline Picture quarters(int channels = 4) {
    return draw(channels, 8, [](int x, int y, int c) {
        const bool left = x < 10;
        const std::uint32_t colour = y < 6 ? (left ? 0xFF0000FFu : 0x00FF00FFu) : (left ? 0x0000FFFFu : 0xFFFFFF00u);
        return colour >> (24 - 8 * c) & 255;
    });
}

inline Picture fixture(const std::string& name) { return read_picture(std::string(CLIPIG_SOURCE_DIR "/tests/pictures/") + name); }

/// The largest difference of two samples; a million when the pictures have different shapes.
inline int distance(const Picture& a, const Picture& b) {
    if (a.width != b.width || a.height != b.height || a.channels != b.channels || a.depth != b.depth) return 1'000'000;
    int worst = 0;
    for (std::size_t i = 0; i < a.samples.size(); ++i) worst = std::max(worst, std::abs(a.samples[i] - b.samples[i]));
    return worst;
}

}  // namespace clipig::fixtures
