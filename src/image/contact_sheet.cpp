#include "image/contact_sheet.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "image/codec.h"
#include "image/convert.h"
#include "image/font.h"

namespace clipig {
namespace {

void paste(Picture& sheet, const Picture& picture, int left, int top) {
    const Picture rgb = to_rgb(to_depth(picture, 8));
    for (int y = 0; y < rgb.height; ++y) {
        const std::uint16_t* row = rgb.samples.data() + codec::offset_of(rgb, 0, y);
        std::copy_n(row, static_cast<std::size_t>(rgb.width) * 3, sheet.samples.data() + codec::offset_of(sheet, left, top + y));
    }
}

constexpr std::size_t kMaxLines = 2;

/// At most two lines of `width` pixels, broken between words where that goes; what does not fit ends in `..`.
std::vector<std::string> broken(const std::string& caption, int width) {
    const auto room = static_cast<std::size_t>(std::max(0, (width + 1) / kGlyphWidth));
    std::vector<std::string> lines;
    std::string rest = caption;
    while (room > 2 && utf8_length(rest) > room && lines.size() + 1 < kMaxLines) {
        const std::size_t most = utf8_offset(rest, room), space = rest.rfind(' ', most);
        const bool between = space != std::string::npos && space > 0;
        lines.push_back(rest.substr(0, between ? space : most));
        rest = rest.substr(between ? space + 1 : most);
    }
    if (utf8_length(rest) > room) rest = room <= 2 ? std::string(room, '.') : rest.substr(0, utf8_offset(rest, room - 2)) + "..";
    lines.push_back(rest);
    return lines;
}

}  // namespace

Picture contact_sheet(const std::vector<Picture>& pictures, int columns, int gap, const std::vector<std::string>& captions) {
    const int count = static_cast<int>(pictures.size());
    if (columns <= 0) columns = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(count))));
    columns = std::clamp(columns, 1, std::max(count, 1));
    const int rows = (count + columns - 1) / columns;
    int width = 0;
    int height = 0;
    for (const Picture& picture : pictures) {
        width = std::max(width, picture.width);
        height = std::max(height, picture.height);
    }
    std::vector<std::vector<std::string>> lines;
    std::size_t most_lines = 0;
    for (const std::string& caption : captions) {
        lines.push_back(broken(caption, width));
        most_lines = std::max(most_lines, lines.back().size());
    }
    const int caption_height = static_cast<int>(most_lines) * (kGlyphHeight + 3);
    const int cell_height = height + caption_height + gap;
    Picture sheet = codec::blank(count == 0 ? 1 : gap + columns * (width + gap), count == 0 ? 1 : gap + rows * cell_height, 3);
    std::fill(sheet.samples.begin(), sheet.samples.end(), std::uint16_t{255});
    for (int i = 0; i < count; ++i) {
        const auto index = static_cast<std::size_t>(i);
        const int left = gap + i % columns * (width + gap);
        const int top = gap + i / columns * cell_height;
        paste(sheet, pictures[index], left + (width - pictures[index].width) / 2, top + (height - pictures[index].height) / 2);
        for (std::size_t line = 0; index < lines.size() && line < lines[index].size(); ++line) {
            draw_text(sheet, left, top + height + 3 + static_cast<int>(line) * (kGlyphHeight + 3), lines[index][line], {0, 0, 0});
        }
    }
    return sheet;
}

}  // namespace clipig
