#include "image/exif.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "image/codec.h"

namespace clipig::codec {
namespace {

constexpr std::string_view kExifHeader("Exif\0\0", 6);

/// Bounds-checked numbers of a TIFF structure in either byte order. Behind the end there are zeros.
class Numbers {
public:
    Numbers(std::string_view bytes, bool little) : bytes_(bytes), little_(little) {}
    [[nodiscard]] std::uint32_t u16(std::size_t at) const {
        return little_ ? byte(at) | byte(at + 1) << 8u : byte(at) << 8u | byte(at + 1);
    }
    [[nodiscard]] std::uint32_t u32(std::size_t at) const { return little_ ? u16(at) | u16(at + 2) << 16u : u16(at) << 16u | u16(at + 2); }
    [[nodiscard]] bool little() const { return little_; }
    [[nodiscard]] std::string_view part(std::size_t at, std::size_t count) const {
        return at <= bytes_.size() && count <= bytes_.size() - at ? bytes_.substr(at, count) : std::string_view{};
    }

private:
    [[nodiscard]] std::uint32_t byte(std::size_t at) const { return at < bytes_.size() ? static_cast<unsigned char>(bytes_[at]) : 0u; }
    std::string_view bytes_;
    bool little_;
};

/// The bytes of an entry of type ASCII or UNDEFINED: in the entry itself up to four bytes, elsewhere otherwise.
std::string_view entry_bytes(const Numbers& numbers, std::size_t entry) {
    const std::uint32_t count = numbers.u32(entry + 4);
    return numbers.part(count <= 4 ? entry + 8 : numbers.u32(entry + 8), count);
}

std::string until_zero(std::string_view bytes) { return to_utf8(bytes.substr(0, bytes.find('\0'))); }

void append_utf8(std::string& out, std::uint32_t code) {
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0u | code >> 6u);
        out += static_cast<char>(0x80u | (code & 0x3Fu));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0u | code >> 12u);
        out += static_cast<char>(0x80u | (code >> 6u & 0x3Fu));
        out += static_cast<char>(0x80u | (code & 0x3Fu));
    } else {
        out += static_cast<char>(0xF0u | code >> 18u);
        out += static_cast<char>(0x80u | (code >> 12u & 0x3Fu));
        out += static_cast<char>(0x80u | (code >> 6u & 0x3Fu));
        out += static_cast<char>(0x80u | (code & 0x3Fu));
    }
}

std::string utf16_text(std::string_view bytes, bool little) {
    const Numbers numbers(bytes, little);
    std::string out;
    for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
        std::uint32_t code = numbers.u16(at);
        if (code == 0) break;
        if (code >= 0xD800 && code < 0xDC00 && at + 3 < bytes.size() && (numbers.u16(at + 2) & 0xFC00u) == 0xDC00u) {
            code = 0x10000 + ((code & 0x3FFu) << 10u) + (numbers.u16(at + 2) & 0x3FFu);
            at += 2;
        } else if (code >= 0xD800 && code < 0xE000) {
            code = 0xFFFD;
        }
        append_utf8(out, code);
    }
    return out;
}

/// UserComment starts with eight bytes that name its encoding.
std::string user_comment(std::string_view bytes, bool little) {
    if (bytes.size() <= 8) return {};
    const std::string_view text = bytes.substr(8);
    return bytes.starts_with("UNICODE") ? utf16_text(text, little) : until_zero(text);
}

void read_folder(const Numbers& numbers, std::size_t at, Exif& exif, bool nested) {
    const std::uint32_t entries = std::min<std::uint32_t>(numbers.u16(at), 512);
    const auto add = [&](const char* key, const std::string& value) {
        if (!value.empty()) exif.text.emplace(key, value);
    };
    for (std::uint32_t i = 0; i < entries; ++i) {
        const std::size_t entry = at + 2 + std::size_t{12} * i;
        switch (numbers.u16(entry)) {
            case 0x010E: add("ImageDescription", until_zero(entry_bytes(numbers, entry))); break;
            case 0x0112:
                if (!nested && numbers.u16(entry + 8) >= 1 && numbers.u16(entry + 8) <= 8)
                    exif.orientation = static_cast<int>(numbers.u16(entry + 8));
                break;
            case 0x0131: add("Software", until_zero(entry_bytes(numbers, entry))); break;
            case 0x013B: add("Artist", until_zero(entry_bytes(numbers, entry))); break;
            case 0x8298: add("Copyright", until_zero(entry_bytes(numbers, entry))); break;
            case 0x9286: add("UserComment", user_comment(entry_bytes(numbers, entry), numbers.little())); break;
            case 0x8769:
                if (!nested) read_folder(numbers, numbers.u32(entry + 8), exif, true);
                break;
            default: break;
        }
    }
}

}  // namespace

Exif parse_exif(std::string_view block) {
    Exif exif;
    if (block.starts_with(kExifHeader)) block.remove_prefix(kExifHeader.size());
    if (!is_tiff(block)) return exif;
    const Numbers numbers(block, block.front() == 'I');
    read_folder(numbers, numbers.u32(4), exif, false);
    return exif;
}

Picture oriented(Picture picture, int orientation) {
    if (orientation <= 1 || orientation > 8) return picture;
    const bool turned = orientation >= 5;
    Picture out = blank(turned ? picture.height : picture.width, turned ? picture.width : picture.height, picture.channels, picture.depth);
    // where column and row of the stored picture come from, EXIF 2.3 table "Orientation"
    const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    for (int y = 0; y < out.height; ++y) {
        for (int x = 0; x < out.width; ++x) {
            const int column = turned ? y : x;
            const int row = turned ? x : y;
            const std::size_t from =
                offset_of(picture, from_right ? picture.width - 1 - column : column, from_bottom ? picture.height - 1 - row : row);
            std::copy_n(picture.samples.begin() + static_cast<std::ptrdiff_t>(from), picture.channels,
                        out.samples.begin() + static_cast<std::ptrdiff_t>(offset_of(out, x, y)));
        }
    }
    out.text = std::move(picture.text);
    return out;
}

}  // namespace clipig::codec
