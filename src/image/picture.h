// Pictures as files hold them: interleaved integers with a width and a height. No torch here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace clipig {

/// width x height pixels of 1 (grey), 2 (grey+alpha), 3 (RGB) or 4 (RGBA) channels, row-major, interleaved.
/// Samples are 0..255, or 0..65535 when depth is 16.
struct Picture {
    int width = 0;
    int height = 0;
    int channels = 3;
    int depth = 8;
    std::vector<std::uint16_t> samples;
    std::map<std::string, std::string> text;  ///< PNG text chunks, EXIF ImageDescription, ...

    [[nodiscard]] std::uint16_t at(int x, int y, int c) const {
        return samples[(static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)) *
                           static_cast<std::size_t>(channels) +
                       static_cast<std::size_t>(c)];
    }
};

/// Float planes [3][height][width], sRGB, 0..1.
struct Planes {
    int width = 0;
    int height = 0;
    std::vector<float> data;
};

}  // namespace clipig
