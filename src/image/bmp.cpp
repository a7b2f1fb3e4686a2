// BMP, read by ourselves: 1, 4, 8, 16, 24 and 32 bits, bit fields, run lengths, either row order.
// Source of the layout: Microsoft, "Bitmap Storage" and BITMAPINFOHEADER .. BITMAPV5HEADER.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <vector>

#include "image/codec.h"

namespace clipig::codec {
namespace {

constexpr std::string_view kFormat = "BMP";
enum Compression : std::uint32_t { kPlain = 0, kRuns8 = 1, kRuns4 = 2, kFields = 3, kAlphaFields = 6 };

struct Header {
    std::size_t pixels = 0;  ///< where the rows start
    std::size_t size = 0;    ///< of the information header
    int width = 0;
    int height = 0;
    bool top_down = false;
    std::uint32_t bits = 0;
    std::uint32_t compression = kPlain;
    std::array<std::uint32_t, 4> masks{};  ///< red, green, blue, alpha
    std::vector<std::array<std::uint16_t, 3>> palette{};
};

std::uint32_t u16(const Source& source, std::size_t at) { return source.byte(at) | source.byte(at + 1) << 8u; }
std::uint32_t u32(const Source& source, std::size_t at) { return u16(source, at) | u16(source, at + 2) << 16u; }

void read_palette(const Source& source, Header& header) {
    const bool core = header.size == 12;
    const std::uint32_t used = core ? 0 : u32(source, 46);
    const std::uint32_t full = 1u << header.bits;
    const std::size_t step = core ? 3 : 4;
    const std::size_t start = 14 + header.size;
    for (std::uint32_t i = 0; i < (used == 0 ? full : std::min(used, full)); ++i) {
        const std::size_t at = start + i * step;
        header.palette.push_back({static_cast<std::uint16_t>(source.byte(at + 2)), static_cast<std::uint16_t>(source.byte(at + 1)),
                                  static_cast<std::uint16_t>(source.byte(at))});
    }
}

void read_masks(const Source& source, Header& header) {
    if (header.compression == kPlain) {
        header.masks = header.bits == 16 ? std::array<std::uint32_t, 4>{0x7C00, 0x03E0, 0x001F, 0}
                                         : std::array<std::uint32_t, 4>{0xFF0000, 0xFF00, 0xFF, 0};
        return;
    }
    for (std::size_t i = 0; i < 3; ++i) header.masks[i] = u32(source, 54 + 4 * i);
    if (header.size >= 56 || header.compression == kAlphaFields) header.masks[3] = u32(source, 66);
}

void check_kind(const Source& source, const Header& header) {
    const std::uint32_t bits = header.bits;
    const bool palette = bits == 1 || bits == 4 || bits == 8;
    const bool good = (header.compression == kPlain && (palette || bits == 16 || bits == 24 || bits == 32)) ||
                      (header.compression == kRuns8 && bits == 8) || (header.compression == kRuns4 && bits == 4) ||
                      ((header.compression == kFields || header.compression == kAlphaFields) && (bits == 16 || bits == 32));
    if (!good)
        fail(source, kFormat, std::to_string(bits) + " bits with compression " + std::to_string(header.compression) + " are not supported");
}

Header read_header(const Source& source) {
    Header header;
    header.pixels = u32(source, 10);
    header.size = u32(source, 14);
    if (header.size != 12 && (header.size < 40 || header.size > 200)) fail(source, kFormat, "its header has an unknown size");
    const bool core = header.size == 12;
    const std::int64_t width = core ? u16(source, 18) : std::bit_cast<std::int32_t>(u32(source, 18));
    const std::int64_t height = core ? u16(source, 20) : std::bit_cast<std::int32_t>(u32(source, 22));
    check_size(source, kFormat, static_cast<std::uint64_t>(std::max<std::int64_t>(width, 0)), static_cast<std::uint64_t>(std::abs(height)));
    header.width = static_cast<int>(width);
    header.height = static_cast<int>(std::abs(height));
    header.top_down = height < 0;
    header.bits = u16(source, core ? 24 : 28);
    header.compression = core ? static_cast<std::uint32_t>(kPlain) : u32(source, 30);
    check_kind(source, header);
    if (header.bits <= 8) read_palette(source, header);
    if (header.bits == 16 || header.bits == 32) read_masks(source, header);
    return header;
}

/// A field of 1 to 8 bits or more, scaled to 0..255.
std::uint16_t field(std::uint32_t value, std::uint32_t mask) {
    if (mask == 0) return 0;
    const auto shift = static_cast<std::uint32_t>(std::countr_zero(mask));
    const std::uint64_t top = mask >> shift;
    return static_cast<std::uint16_t>((static_cast<std::uint64_t>((value & mask) >> shift) * 255 + top / 2) / top);
}

/// The index or colour of one pixel of an uncompressed row.
std::uint32_t plain_value(const Source& source, std::size_t row, std::uint32_t bits, std::size_t x) {
    switch (bits) {
        case 16: return u16(source, row + 2 * x);
        case 24: return u16(source, row + 3 * x) | source.byte(row + 3 * x + 2) << 16u;
        case 32: return u32(source, row + 4 * x);
        default: {
            const std::size_t bit = x * bits;
            return source.byte(row + bit / 8) >> (8 - bits - bit % 8) & ((1u << bits) - 1);
        }
    }
}

void put(Picture& picture, const Header& header, int x, int row, std::uint32_t value) {
    const int y = header.top_down ? row : header.height - 1 - row;
    std::uint16_t* out = picture.samples.data() + offset_of(picture, x, y);
    if (header.bits <= 8) {
        if (value < header.palette.size()) std::copy(header.palette[value].begin(), header.palette[value].end(), out);
    } else if (header.bits == 24) {
        for (std::uint32_t c = 0; c < 3; ++c) out[c] = static_cast<std::uint16_t>(value >> (16 - 8 * c) & 0xFFu);
    } else {
        for (std::size_t c = 0; c < static_cast<std::size_t>(picture.channels); ++c) out[c] = field(value, header.masks[c]);
    }
}

void read_plain(const Source& source, const Header& header, Picture& picture) {
    const std::size_t row_size = (static_cast<std::size_t>(header.width) * header.bits + 31) / 32 * 4;
    for (int row = 0; row < header.height; ++row) {
        const std::size_t start = header.pixels + static_cast<std::size_t>(row) * row_size;
        for (int x = 0; x < header.width; ++x)
            put(picture, header, x, row, plain_value(source, start, header.bits, static_cast<std::size_t>(x)));
    }
}

/// Runs of one index, stretches of single ones, and jumps. Pixels that are jumped over keep index 0.
class Runs {
public:
    Runs(const Source& source, const Header& header, Picture& picture)
        : source_(source), header_(header), picture_(picture), at_(header.pixels) {}

    void read() {
        while (row_ < header_.height) {
            if (at_ + 1 >= source_.bytes.size()) fail(source_, kFormat, "the file is cut short");
            const std::uint32_t count = source_.byte(at_);
            const std::uint32_t value = source_.byte(at_ + 1);
            at_ += 2;
            if (count > 0)
                for (std::uint32_t i = 0; i < count; ++i) dot(index(value, i));
            else if (!escape(value))
                return;
        }
    }

private:
    [[nodiscard]] std::uint32_t index(std::uint32_t byte, std::uint32_t i) const {
        if (header_.compression == kRuns8) return byte;
        return i % 2 == 0 ? byte >> 4u : byte & 15u;
    }
    void dot(std::uint32_t value) {
        if (x_ < header_.width && row_ < header_.height) put(picture_, header_, x_++, row_, value);
    }
    /// False at the end of the picture.
    bool escape(std::uint32_t code) {
        if (code == 0) {
            x_ = 0;
            ++row_;
        } else if (code == 1) {
            return false;
        } else if (code == 2) {
            x_ += static_cast<int>(source_.byte(at_));
            row_ += static_cast<int>(source_.byte(at_ + 1));
            at_ += 2;
        } else {
            const bool wide = header_.compression == kRuns8;
            for (std::uint32_t i = 0; i < code; ++i) dot(index(source_.byte(at_ + (wide ? i : i / 2)), i));
            const std::size_t used = wide ? code : (code + 1) / 2;
            at_ += used + used % 2;
        }
        return true;
    }

    const Source& source_;
    const Header& header_;
    Picture& picture_;
    std::size_t at_;
    int x_ = 0;
    int row_ = 0;
};

}  // namespace

bool is_bmp(std::string_view bytes) { return bytes.size() >= 26 && bytes.starts_with("BM"); }

Picture decode_bmp(const Source& source) {
    const Header header = read_header(source);
    const bool runs = header.compression == kRuns8 || header.compression == kRuns4;
    const std::uint64_t row_size = (static_cast<std::uint64_t>(header.width) * header.bits + 31) / 32 * 4;
    if (!runs && header.pixels + row_size * static_cast<std::uint64_t>(header.height) > source.bytes.size())
        fail(source, kFormat, "the file is cut short");
    Picture picture = blank(header.width, header.height, header.masks[3] != 0 ? 4 : 3);
    if (!runs) {
        read_plain(source, header, picture);
        return picture;
    }
    for (int row = 0; row < header.height; ++row)
        for (int x = 0; x < header.width; ++x) put(picture, header, x, row, 0);
    Runs(source, header, picture).read();
    return picture;
}

}  // namespace clipig::codec
