#include "image/read_picture.h"

#include <array>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "image/codec.h"

namespace clipig {
namespace codec {

void fail(const Source& source, std::string_view format, std::string_view reason) {
    throw InputError("'" + std::string(source.name) + "': this " + std::string(format) + " cannot be read: " + std::string(reason));
}

void check_size(const Source& source, std::string_view format, std::uint64_t width, std::uint64_t height) {
    if (width == 0 || height == 0) fail(source, format, "it has no pixels");
    const auto limit = static_cast<std::uint64_t>(source.max_pixels);
    if (width <= limit && height <= limit / width) return;
    fail(source, format,
         "it claims " + std::to_string(width) + " x " + std::to_string(height) + " pixels, and at most " + std::to_string(limit) +
             " pixels are read; make it smaller first");
}

Picture blank(int width, int height, int channels, int depth) {
    Picture picture;
    picture.width = width;
    picture.height = height;
    picture.channels = channels;
    picture.depth = depth;
    picture.samples.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * static_cast<std::size_t>(channels));
    return picture;
}

namespace {

/// Length of the well-formed UTF-8 sequence at the front (RFC 3629), or 0.
std::size_t sequence_length(std::string_view text) {
    const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    const unsigned first = at(0);
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((at(i) & 0xC0u) != 0x80u) return 0;
    const bool overlong = (first == 0xE0 && at(1) < 0xA0) || (first == 0xF0 && at(1) < 0x90);
    const bool outside = (first == 0xED && at(1) > 0x9F) || (first == 0xF4 && at(1) > 0x8F);
    return overlong || outside ? 0 : length;
}

}  // namespace

std::string to_utf8(std::string_view bytes) {
    bool valid = true;
    for (std::size_t at = 0; at < bytes.size() && valid;) {
        const std::size_t length = sequence_length(bytes.substr(at));
        valid = length > 0;
        at += length;
    }
    if (valid) return std::string(bytes);
    std::string out;
    for (const char character : bytes) {
        const auto code = static_cast<unsigned char>(character);
        if (code < 0x80) {
            out += character;
        } else {
            out += static_cast<char>(0xC0u | (code >> 6u));
            out += static_cast<char>(0x80u | (code & 0x3Fu));
        }
    }
    return out;
}

void row_bytes(const Picture& picture, int y, unsigned char* out) {
    const std::size_t count = static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.channels);
    const std::uint16_t* in = picture.samples.data() + static_cast<std::size_t>(y) * count;
    for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<unsigned char>(in[i]);
}

}  // namespace codec

Picture decode_picture(std::string_view bytes, std::string_view name, std::int64_t max_pixels) {
    struct Format {
        bool (*matches)(std::string_view);
        Picture (*decode)(const codec::Source&);
    };
    static constexpr std::array<Format, 6> formats = {{{codec::is_png, codec::decode_png},
                                                       {codec::is_jpeg, codec::decode_jpeg},
                                                       {codec::is_webp, codec::decode_webp},
                                                       {codec::is_gif, codec::decode_gif},
                                                       {codec::is_tiff, codec::decode_tiff},
                                                       {codec::is_bmp, codec::decode_bmp}}};
    const codec::Source source{bytes, name, max_pixels};
    for (const Format& format : formats)
        if (format.matches(bytes)) return format.decode(source);
    throw InputError("'" + std::string(name) + "' is not a picture that can be read (PNG, JPEG, WebP, GIF, BMP, TIFF)" +
                     (bytes.empty() ? "; the file is empty" : ""));
}

Picture read_picture(const std::filesystem::path& path) { return decode_picture(read_file(path), path.string()); }

}  // namespace clipig
