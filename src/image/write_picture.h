// Pictures to files: PNG, JPEG, WebP and TIFF, with text that travels inside. Same pixels and text, same bytes.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "image/picture.h"

namespace clipig {

enum class PictureFormat { png, jpeg, webp, tiff };

/// Keys (printable ASCII, 1 to 79 characters, PNG's rule for keywords) and UTF-8 values.
using PictureText = std::map<std::string, std::string>;

struct EncodeOptions {
    int quality = 95;       ///< JPEG (always 4:4:4) and lossy WebP, 1..100
    bool lossless = false;  ///< WebP without loss; PNG and TIFF always are
};

/// The format that an extension names: `png`, `.PNG`, `jpg`, `jpeg`, `webp`, `tif`, `tiff`.
[[nodiscard]] std::optional<PictureFormat> picture_format(std::string_view extension);

/// A whole file in memory. PNG and TIFF keep 16 bits; JPEG and WebP are written with 8, JPEG without alpha. The picture is taken as sRGB.
/// PNG stores `metadata` in iTXt chunks, the others in an XMP packet (a long one in COM segments of a JPEG); read_picture() gives it back.
/// Picture::text is not written. Throws InputError when the format cannot hold a picture of this size.
[[nodiscard]] std::string encode_picture(const Picture& picture, PictureFormat format, const PictureText& metadata = {},
                                         const EncodeOptions& options = {});

/// encode_picture() by the extension of the path, written whole or not at all. Throws InputError for an unknown extension, Error when the
/// disk refuses; an older file of that name is then as it was.
void write_picture(const std::filesystem::path& path, const Picture& picture, const PictureText& metadata = {},
                   const EncodeOptions& options = {});

}  // namespace clipig
