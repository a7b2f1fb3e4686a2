// GIF through giflib: the first frame on its canvas. What the frame leaves free, and its transparent colour, become alpha 0.
#include <gif_lib.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "image/codec.h"
#include "image/convert.h"

namespace clipig::codec {
namespace {

constexpr std::string_view kFormat = "GIF";

struct Input {
    std::string_view bytes;
    std::size_t at = 0;
};

extern "C" int clipig_gif_read(GifFileType* gif, GifByteType* out, int count) {
    auto* input = static_cast<Input*>(gif->UserData);
    const std::size_t size = std::min(static_cast<std::size_t>(std::max(count, 0)), input->bytes.size() - input->at);
    if (size > 0) std::memcpy(out, input->bytes.data() + input->at, size);
    input->at += size;
    return static_cast<int>(size);
}

struct Closer {
    void operator()(GifFileType* gif) const { DGifCloseFile(gif, nullptr); }
};

[[noreturn]] void damaged(const Source& source, int error) {
    const char* text = GifErrorString(error);
    fail(source, kFormat, std::string("the file is cut short or damaged") + (text != nullptr ? " (" + std::string(text) + ")" : ""));
}

/// One extension block: the transparent colour of the next frame, or a comment.
void read_extension(const Source& source, GifFileType* gif, int& transparent, PictureText& text) {
    int code = 0;
    GifByteType* block = nullptr;
    std::string comment;
    if (DGifGetExtension(gif, &code, &block) == GIF_ERROR) damaged(source, gif->Error);
    while (block != nullptr) {
        GraphicsControlBlock control{};
        if (code == GRAPHICS_EXT_FUNC_CODE && DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK)
            transparent = control.TransparentColor;
        if (code == COMMENT_EXT_FUNC_CODE) comment.append(reinterpret_cast<const char*>(block + 1), block[0]);
        if (DGifGetExtensionNext(gif, &block) == GIF_ERROR) damaged(source, gif->Error);
    }
    if (!comment.empty()) text.emplace("Comment", to_utf8(comment));
}

/// Moves to the first frame and reads its description.
int find_frame(const Source& source, GifFileType* gif, PictureText& text) {
    int transparent = NO_TRANSPARENT_COLOR;
    for (;;) {
        GifRecordType type = UNDEFINED_RECORD_TYPE;
        if (DGifGetRecordType(gif, &type) == GIF_ERROR) damaged(source, gif->Error);
        if (type == TERMINATE_RECORD_TYPE) fail(source, kFormat, "it holds no frame");
        if (type == EXTENSION_RECORD_TYPE) read_extension(source, gif, transparent, text);
        if (type != IMAGE_DESC_RECORD_TYPE) continue;
        if (DGifGetImageDesc(gif) == GIF_ERROR) damaged(source, gif->Error);
        return transparent;
    }
}

/// The rows of an interlaced frame come in four sweeps (GIF89a, appendix E).
std::vector<int> row_order(int height, bool interlaced) {
    std::vector<int> order;
    if (!interlaced) {
        for (int y = 0; y < height; ++y) order.push_back(y);
        return order;
    }
    constexpr int starts[] = {0, 4, 2, 1};
    constexpr int steps[] = {8, 8, 4, 2};
    for (int sweep = 0; sweep < 4; ++sweep)
        for (int y = starts[sweep]; y < height; y += steps[sweep]) order.push_back(y);
    return order;
}

void paint_row(Picture& canvas, const std::vector<GifPixelType>& row, const ColorMapObject& colours, int transparent, int left, int y) {
    for (std::size_t i = 0; i < row.size(); ++i) {
        const int x = left + static_cast<int>(i);
        if (x >= canvas.width) return;
        if (row[i] == transparent) continue;
        const GifColorType colour = row[i] < colours.ColorCount ? colours.Colors[row[i]] : GifColorType{0, 0, 0};
        std::uint16_t* out = canvas.samples.data() + offset_of(canvas, x, y);
        out[0] = colour.Red;
        out[1] = colour.Green;
        out[2] = colour.Blue;
        out[3] = 255;
    }
}

}  // namespace

bool is_gif(std::string_view bytes) { return bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a"); }

Picture decode_gif(const Source& source) {
    Input input{source.bytes};
    int error = 0;
    const std::unique_ptr<GifFileType, Closer> gif(DGifOpen(&input, clipig_gif_read, &error));
    if (gif == nullptr) damaged(source, error);
    PictureText text;
    const int transparent = find_frame(source, gif.get(), text);
    const GifImageDesc& frame = gif->Image;
    const int width = gif->SWidth > 0 ? gif->SWidth : frame.Width;
    const int height = gif->SHeight > 0 ? gif->SHeight : frame.Height;
    if (frame.Width <= 0 || frame.Height <= 0) fail(source, kFormat, "its first frame has no pixels");
    check_size(source, kFormat, static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height));
    check_size(source, kFormat, static_cast<std::uint64_t>(frame.Width), static_cast<std::uint64_t>(frame.Height));
    const ColorMapObject* colours = frame.ColorMap != nullptr ? frame.ColorMap : gif->SColorMap;
    if (colours == nullptr) fail(source, kFormat, "it has no palette");
    Picture canvas = blank(width, height, 4);
    std::vector<GifPixelType> row(static_cast<std::size_t>(frame.Width));
    for (const int y : row_order(frame.Height, frame.Interlace)) {
        if (DGifGetLine(gif.get(), row.data(), frame.Width) == GIF_ERROR) damaged(source, gif->Error);
        if (y + frame.Top < height) paint_row(canvas, row, *colours, transparent, frame.Left, y + frame.Top);
    }
    bool opaque = true;
    for (std::size_t i = 3; i < canvas.samples.size() && opaque; i += 4) opaque = canvas.samples[i] == 255;
    Picture picture = opaque ? without_alpha(canvas) : std::move(canvas);
    picture.text = std::move(text);
    return picture;
}

}  // namespace clipig::codec
