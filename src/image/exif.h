// What other programs write into pictures: the EXIF block (JEITA CP-3451, a small TIFF) and XMP packets (ISO 16684-1).
#pragma once

#include <string>
#include <string_view>

#include "image/picture.h"
#include "image/write_picture.h"

namespace clipig::codec {

struct Exif {
    int orientation = 1;  ///< 1..8, how the stored rows lie
    PictureText text;     ///< ImageDescription, Software, Artist, Copyright, UserComment
};

/// Reads a TIFF structure, with or without the `Exif\0\0` of a JPEG before it. A damaged block gives what can be read of it.
[[nodiscard]] Exif parse_exif(std::string_view block);

/// The picture as it is meant to be seen.
[[nodiscard]] Picture oriented(Picture picture, int orientation);

/// An XMP packet that holds any keys and values; empty for no metadata. Characters that XML forbids become U+FFFD.
[[nodiscard]] std::string xmp_packet(const PictureText& metadata);

/// Adds what xmp_packet() wrote, and `Description` from dc:description of other programs. Existing keys stay.
void read_xmp(std::string_view packet, PictureText& text);

}  // namespace clipig::codec
