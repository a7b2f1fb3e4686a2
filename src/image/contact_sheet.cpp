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

std::string shortened(const std::string& caption, int width) {
    const auto room = static_cast<std::size_t>(std::max(0, (width + 1) / kGlyphWidth));
    if (utf8_length(caption) <= room) return caption;
    return room <= 2 ? std::string(room, '.') : caption.substr(0, utf8_offset(caption, room - 2)) + "..";
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
    const int caption_height = captions.empty() ? 0 : kGlyphHeight + 3;
    const int cell_height = height + caption_height + gap;
    Picture sheet = codec::blank(count == 0 ? 1 : gap + columns * (width + gap), count == 0 ? 1 : gap + rows * cell_height, 3);
    std::fill(sheet.samples.begin(), sheet.samples.end(), std::uint16_t{255});
    for (int i = 0; i < count; ++i) {
        const auto index = static_cast<std::size_t>(i);
        const int left = gap + i % columns * (width + gap);
        const int top = gap + i / columns * cell_height;
        paste(sheet, pictures[index], left + (width - pictures[index].width) / 2, top + (height - pictures[index].height) / 2);
        if (index < captions.size()) draw_text(sheet, left, top + height + 3, shortened(captions[index], width), {0, 0, 0});
    }
    return sheet;
}

}  // namespace clipig
