// Pictures from files: PNG, JPEG, WebP, GIF (first frame), BMP and TIFF, told apart by their content, never by their name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "image/picture.h"

namespace clipig {

/// The largest picture that is read. A few kilobytes can claim any size ("decompression bombs"), so the header is checked first.
inline constexpr std::int64_t kMaxPicturePixels = std::int64_t{1} << 28;

/// Decodes a picture. Palettes become RGB, transparent colours become alpha, CMYK becomes RGB, EXIF orientation is applied;
/// 16-bit PNG and TIFF keep their 16 bits; colour profiles are not applied. Text that the file carries is in Picture::text.
/// Throws InputError, which names `name`, the format and the reason, when the bytes are no picture, damaged, cut short or too large.
[[nodiscard]] Picture decode_picture(std::string_view bytes, std::string_view name, std::int64_t max_pixels = kMaxPicturePixels);

/// decode_picture() of a file. Throws InputError.
[[nodiscard]] Picture read_picture(const std::filesystem::path& path);

}  // namespace clipig
