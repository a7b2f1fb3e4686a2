#include "image/jpeg_text.h"

#include "image/codec.h"
#include "image/exif.h"

namespace clipig::codec {
namespace {

constexpr std::string_view kExif("Exif\0\0", 6);
constexpr std::string_view kXmp("http://ns.adobe.com/xap/1.0/\0", 29);
constexpr std::string_view kPart("clipig XMP\0", 11);
constexpr std::size_t kSegment = 65533;

}  // namespace

int read_jpeg_text(const std::vector<std::string_view>& app1, const std::vector<std::string_view>& comments, PictureText& text) {
    int orientation = 1;
    for (const auto segment : app1) {
        if (segment.starts_with(kXmp)) read_xmp(segment.substr(kXmp.size()), text);
        if (!segment.starts_with(kExif)) continue;
        Exif exif = parse_exif(segment);
        orientation = exif.orientation;
        text.merge(exif.text);
    }
    std::string packet;
    for (const auto comment : comments) {
        if (comment.starts_with(kPart))
            packet += comment.substr(kPart.size());
        else
            text.emplace("Comment", to_utf8(comment.substr(0, comment.find('\0'))));
    }
    if (!packet.empty()) read_xmp(packet, text);
    return orientation;
}

JpegSegments jpeg_text_segments(const PictureText& metadata) {
    JpegSegments out;
    const std::string packet = xmp_packet(metadata);
    if (packet.empty()) return out;
    if (packet.size() <= kSegment - kXmp.size()) {
        out.app1.push_back(std::string(kXmp) + packet);
        return out;
    }
    const std::size_t step = kSegment - kPart.size();
    for (std::size_t at = 0; at < packet.size(); at += step) out.comments.push_back(std::string(kPart) + packet.substr(at, step));
    return out;
}

}  // namespace clipig::codec
