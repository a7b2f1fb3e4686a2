// Text in the marker segments of a JPEG: EXIF and XMP in APP1, plain words or a long XMP packet of ours in COM.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "image/write_picture.h"

namespace clipig::codec {

/// Adds the text of the segments and returns the EXIF orientation (1 when none is given).
[[nodiscard]] int read_jpeg_text(const std::vector<std::string_view>& app1, const std::vector<std::string_view>& comments,
                                 PictureText& text);

struct JpegSegments {
    std::vector<std::string> app1;
    std::vector<std::string> comments;
};

/// A segment holds 65533 bytes: an XMP packet that fits goes into APP1, a longer one is cut into numbered COM segments.
[[nodiscard]] JpegSegments jpeg_text_segments(const PictureText& metadata);

}  // namespace clipig::codec
