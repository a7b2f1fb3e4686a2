// A small bitmap font for captions: printable ASCII in cells of 6 x 8 pixels.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "image/picture.h"

namespace clipig {

inline constexpr int kGlyphWidth = 6;   ///< with one free column at the right
inline constexpr int kGlyphHeight = 8;  ///< with one free row below

/// Rows from the top, five columns in the low bits, the leftmost highest. Anything but printable ASCII is drawn as `?`.
[[nodiscard]] const std::array<std::uint8_t, 7>& glyph(char character);

/// Draws onto an RGB picture of 8 bits; what falls outside is cut off. UTF-8 sequences count as one `?`.
void draw_text(Picture& picture, int left, int top, std::string_view text, std::array<std::uint8_t, 3> colour, int scale = 1);

}  // namespace clipig
