// What the readers and writers of the single formats share. Private to this folder: users take read_picture.h and write_picture.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "image/picture.h"
#include "image/write_picture.h"

namespace clipig::codec {

/// A file in memory, its name for messages, and the largest number of pixels that may be allocated for it.
struct Source {
    std::string_view bytes;
    std::string_view name;
    std::int64_t max_pixels = 0;

    /// The unsigned byte at a position, or 0 behind the end.
    [[nodiscard]] std::uint32_t byte(std::size_t at) const { return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0u; }
};

/// Throws InputError: `'name': this PNG cannot be read: reason`.
[[noreturn]] void fail(const Source& source, std::string_view format, std::string_view reason);

/// Throws InputError unless 1 <= width, height and width * height <= source.max_pixels.
void check_size(const Source& source, std::string_view format, std::uint64_t width, std::uint64_t height);

/// A picture of zeros. The size has been checked before.
[[nodiscard]] Picture blank(int width, int height, int channels, int depth = 8);

/// Position of a pixel's first sample.
[[nodiscard]] inline std::size_t offset_of(const Picture& picture, int x, int y) {
    return (static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width) + static_cast<std::size_t>(x)) *
           static_cast<std::size_t>(picture.channels);
}

/// Text that claims nothing about its encoding: kept when it is UTF-8, read as Latin-1 otherwise.
[[nodiscard]] std::string to_utf8(std::string_view bytes);

/// The samples of one row as bytes; the picture has depth 8.
void row_bytes(const Picture& picture, int y, unsigned char* out);

[[nodiscard]] bool is_png(std::string_view bytes);
[[nodiscard]] bool is_jpeg(std::string_view bytes);
[[nodiscard]] bool is_webp(std::string_view bytes);
[[nodiscard]] bool is_gif(std::string_view bytes);
[[nodiscard]] bool is_tiff(std::string_view bytes);
[[nodiscard]] bool is_bmp(std::string_view bytes);

[[nodiscard]] Picture decode_png(const Source& source);
[[nodiscard]] Picture decode_jpeg(const Source& source);
[[nodiscard]] Picture decode_webp(const Source& source);
[[nodiscard]] Picture decode_gif(const Source& source);
[[nodiscard]] Picture decode_tiff(const Source& source);
[[nodiscard]] Picture decode_bmp(const Source& source);

[[nodiscard]] std::string encode_png(const Picture& picture, const PictureText& metadata);
[[nodiscard]] std::string encode_jpeg(const Picture& picture, const PictureText& metadata, int quality);
[[nodiscard]] std::string encode_webp(const Picture& picture, const PictureText& metadata, int quality);
[[nodiscard]] std::string encode_tiff(const Picture& picture, const PictureText& metadata);

}  // namespace clipig::codec
