// TIFF through libtiff. Grey and RGB of 8 and 16 bits are read sample by sample, so that depth and alpha stay exact; everything else
// (palettes, 1 bit, YCbCr, CMYK, ...) goes through libtiff's own conversion to 8-bit RGBA.
#include <algorithm>
#include <vector>

#include "base/error.h"
#include "image/codec.h"
#include "image/exif.h"
#include "image/tiff_memory.h"

namespace clipig::codec {
namespace {

constexpr std::string_view kFormat = "TIFF";

struct Layout {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::uint16_t bits = 1;
    std::uint16_t samples = 1;
    std::uint16_t photometric = PHOTOMETRIC_MINISBLACK;
    std::uint16_t planar = PLANARCONFIG_CONTIG;
    std::uint16_t kind = SAMPLEFORMAT_UINT;
    std::uint16_t compression = COMPRESSION_NONE;
    std::uint16_t orientation = ORIENTATION_TOPLEFT;
    bool alpha = false;
    bool premultiplied = false;
};

[[noreturn]] void damaged(const Source& source, const TiffMemory& memory) {
    fail(source, kFormat, memory.error.empty() ? "the file is cut short or damaged" : memory.error);
}

Layout read_layout(TIFF* tiff) {
    Layout layout;
    TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &layout.width);
    TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &layout.height);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &layout.bits);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &layout.samples);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &layout.planar);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &layout.kind);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &layout.compression);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_ORIENTATION, &layout.orientation);
    if (TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &layout.photometric) == 0 && layout.samples >= 3) layout.photometric = PHOTOMETRIC_RGB;
    const int colours = layout.photometric == PHOTOMETRIC_RGB ? 3 : 1;
    std::uint16_t extra = 0;
    std::uint16_t* kinds = nullptr;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &extra, &kinds);
    layout.alpha = layout.samples == colours + 1 && extra == 1 && kinds != nullptr && kinds[0] != EXTRASAMPLE_UNSPECIFIED;
    layout.premultiplied = layout.alpha && kinds[0] == EXTRASAMPLE_ASSOCALPHA;
    return layout;
}

bool is_direct(const Layout& layout) {
    const bool grey = layout.photometric == PHOTOMETRIC_MINISBLACK || layout.photometric == PHOTOMETRIC_MINISWHITE;
    const bool rgb = layout.photometric == PHOTOMETRIC_RGB;
    return (grey || (rgb && layout.samples >= 3)) && (layout.bits == 8 || layout.bits == 16) && layout.kind == SAMPLEFORMAT_UINT &&
           layout.samples <= 8;
}

std::uint16_t sample_at(const std::vector<unsigned char>& bytes, std::size_t index, int depth) {
    if (depth == 8) return bytes[index];
    std::uint16_t value = 0;  // libtiff has swapped to the order of this machine
    std::copy_n(bytes.data() + 2 * index, 2, reinterpret_cast<unsigned char*>(&value));
    return value;
}

/// Copies one strip or tile, `stride` pixels wide, of all samples or of the one plane.
struct Block {
    std::uint32_t left, top, stride, rows;
    int plane;  ///< -1 for interleaved samples
};

void paste(Picture& picture, const std::vector<unsigned char>& bytes, const Block& block, std::size_t samples, std::size_t available) {
    const bool single = block.plane >= 0;
    const std::size_t step = single ? 1 : samples;
    for (std::uint32_t y = 0; y < block.rows && block.top + y < static_cast<std::uint32_t>(picture.height); ++y) {
        for (std::uint32_t x = 0; x < block.stride && block.left + x < static_cast<std::uint32_t>(picture.width); ++x) {
            const std::size_t from = (static_cast<std::size_t>(y) * block.stride + x) * step;
            if (from + step > available) return;
            std::uint16_t* out =
                picture.samples.data() + offset_of(picture, static_cast<int>(block.left + x), static_cast<int>(block.top + y));
            if (single)
                out[block.plane] = sample_at(bytes, from, picture.depth);
            else
                for (std::size_t c = 0; c < static_cast<std::size_t>(picture.channels); ++c)
                    out[c] = sample_at(bytes, from + c, picture.depth);
        }
    }
}

void read_tiles(const Source& source, TIFF* tiff, TiffMemory& memory, const Layout& layout, Picture& picture, int plane) {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &width);
    TIFFGetField(tiff, TIFFTAG_TILELENGTH, &height);
    check_size(source, kFormat, width, height);
    std::vector<unsigned char> bytes(static_cast<std::size_t>(std::max<tmsize_t>(TIFFTileSize(tiff), 0)));
    const std::size_t step = plane >= 0 ? 1 : layout.samples;
    if (bytes.size() < static_cast<std::size_t>(width) * height * step * (layout.bits / 8u)) damaged(source, memory);
    for (std::uint64_t top = 0; top < layout.height; top += height) {
        for (std::uint64_t left = 0; left < layout.width; left += width) {
            const Block block{static_cast<std::uint32_t>(left), static_cast<std::uint32_t>(top), width, height, plane};
            if (TIFFReadTile(tiff, bytes.data(), block.left, block.top, 0, static_cast<std::uint16_t>(std::max(plane, 0))) < 0)
                damaged(source, memory);
            paste(picture, bytes, block, layout.samples, bytes.size() / (layout.bits / 8u));
        }
    }
}

void read_strips(const Source& source, TIFF* tiff, TiffMemory& memory, const Layout& layout, Picture& picture, int plane) {
    std::uint32_t rows = layout.height;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &rows);
    rows = std::clamp<std::uint32_t>(rows, 1, layout.height);
    const std::size_t row_size = static_cast<std::size_t>(layout.width) * (plane >= 0 ? 1u : layout.samples) * (layout.bits / 8u);
    std::vector<unsigned char> bytes(std::max(row_size * rows, static_cast<std::size_t>(std::max<tmsize_t>(TIFFStripSize(tiff), 0))));
    for (std::uint64_t top = 0; top < layout.height; top += rows) {
        const auto first = static_cast<std::uint32_t>(top);
        const std::uint32_t strip = TIFFComputeStrip(tiff, first, static_cast<std::uint16_t>(std::max(plane, 0)));
        const std::uint32_t count = std::min(rows, layout.height - first);
        const tmsize_t wanted = static_cast<tmsize_t>(row_size * count);
        if (TIFFReadEncodedStrip(tiff, strip, bytes.data(), wanted) < wanted) damaged(source, memory);
        paste(picture, bytes, Block{0, first, layout.width, count, plane}, layout.samples, bytes.size() / (layout.bits / 8u));
    }
}

void divide_by_alpha(Picture& picture) {
    const std::uint32_t top = picture.depth == 16 ? 65535 : 255;
    const auto step = static_cast<std::size_t>(picture.channels);
    for (std::size_t i = 0; i < picture.samples.size(); i += step) {
        const std::uint32_t alpha = picture.samples[i + step - 1];
        for (std::size_t c = 0; c + 1 < step && alpha > 0; ++c)
            picture.samples[i + c] = static_cast<std::uint16_t>(std::min(top, (picture.samples[i + c] * top + alpha / 2) / alpha));
    }
}

Picture read_direct(const Source& source, TIFF* tiff, TiffMemory& memory, const Layout& layout) {
    const int colours = layout.photometric == PHOTOMETRIC_RGB ? 3 : 1;
    Picture picture = blank(static_cast<int>(layout.width), static_cast<int>(layout.height), colours + (layout.alpha ? 1 : 0), layout.bits);
    const bool planes = layout.planar == PLANARCONFIG_SEPARATE && layout.samples > 1;
    for (int plane = planes ? 0 : -1; plane < (planes ? picture.channels : 0); ++plane) {
        if (TIFFIsTiled(tiff) != 0)
            read_tiles(source, tiff, memory, layout, picture, plane);
        else
            read_strips(source, tiff, memory, layout, picture, plane);
    }
    if (layout.photometric == PHOTOMETRIC_MINISWHITE)
        for (std::size_t i = 0; i < picture.samples.size(); i += static_cast<std::size_t>(picture.channels))
            picture.samples[i] = static_cast<std::uint16_t>((layout.bits == 16 ? 65535 : 255) - picture.samples[i]);
    if (layout.premultiplied) divide_by_alpha(picture);
    return picture;
}

Picture read_converted(const Source& source, TIFF* tiff, TiffMemory& memory, const Layout& layout) {
    char reason[1024] = "";
    TIFFRGBAImage image{};
    if (TIFFRGBAImageOK(tiff, reason) == 0 || TIFFRGBAImageBegin(&image, tiff, 1, reason) == 0) fail(source, kFormat, reason);
    const std::unique_ptr<TIFFRGBAImage, decltype(&TIFFRGBAImageEnd)> frees(&image, TIFFRGBAImageEnd);
    image.orientation = ORIENTATION_TOPLEFT;  // rows as they are stored; oriented() turns them
    image.req_orientation = ORIENTATION_TOPLEFT;
    const bool alpha = image.alpha != 0;
    std::vector<std::uint32_t> raster(static_cast<std::size_t>(layout.width) * layout.height);
    if (TIFFRGBAImageGet(&image, raster.data(), layout.width, layout.height) == 0) damaged(source, memory);
    Picture picture = blank(static_cast<int>(layout.width), static_cast<int>(layout.height), alpha ? 4 : 3);
    const auto step = static_cast<std::size_t>(picture.channels);
    for (std::size_t i = 0; i < raster.size(); ++i)
        for (std::size_t c = 0; c < step; ++c) picture.samples[i * step + c] = static_cast<std::uint16_t>(raster[i] >> (8 * c) & 0xFFu);
    if (alpha) divide_by_alpha(picture);  // libtiff gives premultiplied colours
    return picture;
}

void read_text(TIFF* tiff, PictureText& text) {
    std::uint32_t size = 0;
    const char* packet = nullptr;
    if (TIFFGetField(tiff, TIFFTAG_XMLPACKET, &size, &packet) == 1 && packet != nullptr) read_xmp(std::string_view(packet, size), text);
    const auto add = [&](std::uint32_t tag, const char* key) {
        const char* value = nullptr;
        if (TIFFGetField(tiff, tag, &value) == 1 && value != nullptr) text.emplace(key, to_utf8(value));
    };
    add(TIFFTAG_IMAGEDESCRIPTION, "ImageDescription");
    add(TIFFTAG_SOFTWARE, "Software");
    add(TIFFTAG_ARTIST, "Artist");
    add(TIFFTAG_COPYRIGHT, "Copyright");
}

void set_tags(TIFF* tiff, const Picture& picture, const std::string& packet) {
    const bool alpha = picture.channels % 2 == 0;
    const std::uint16_t extra[] = {EXTRASAMPLE_UNASSALPHA};
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, static_cast<std::uint32_t>(picture.width));
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, static_cast<std::uint32_t>(picture.height));
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, picture.depth);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, picture.channels);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, picture.channels >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    TIFFSetField(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_LZW);
    TIFFSetField(tiff, TIFFTAG_PREDICTOR, PREDICTOR_HORIZONTAL);
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, TIFFDefaultStripSize(tiff, 0));
    if (alpha) TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, extra);
    if (!packet.empty()) TIFFSetField(tiff, TIFFTAG_XMLPACKET, static_cast<std::uint32_t>(packet.size()), packet.data());
}

bool write_rows(TIFF* tiff, const Picture& picture) {
    const std::size_t count = static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.channels);
    std::vector<std::uint16_t> row(count);  // libtiff may change what it is given
    for (int y = 0; y < picture.height; ++y) {
        if (picture.depth == 16)
            std::copy_n(picture.samples.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(y) * count), count, row.begin());
        else
            row_bytes(picture, y, reinterpret_cast<unsigned char*>(row.data()));
        if (TIFFWriteScanline(tiff, row.data(), static_cast<std::uint32_t>(y), 0) < 0) return false;
    }
    return true;
}

}  // namespace

bool is_tiff(std::string_view bytes) {
    using std::string_view_literals::operator""sv;
    return bytes.starts_with("II*\0"sv) || bytes.starts_with("MM\0*"sv) || bytes.starts_with("II+\0"sv) || bytes.starts_with("MM\0+"sv);
}

Picture decode_tiff(const Source& source) {
    TiffMemory memory;
    memory.bytes = source.bytes;
    const TiffHandle tiff = open_tiff_reader(memory);
    if (tiff == nullptr) damaged(source, memory);
    const Layout layout = read_layout(tiff.get());
    check_size(source, kFormat, layout.width, layout.height);
    if (TIFFIsCODECConfigured(layout.compression) == 0)
        fail(source, kFormat, "compression " + std::to_string(layout.compression) + " is not supported");
    Picture picture =
        is_direct(layout) ? read_direct(source, tiff.get(), memory, layout) : read_converted(source, tiff.get(), memory, layout);
    read_text(tiff.get(), picture.text);
    return oriented(std::move(picture), layout.orientation);
}

std::string encode_tiff(const Picture& picture, const PictureText& metadata) {
    TiffMemory memory;
    TiffHandle tiff = open_tiff_writer(memory);
    if (tiff == nullptr) throw Error("the TIFF cannot be written: " + memory.error);
    const std::string packet = xmp_packet(metadata);
    set_tags(tiff.get(), picture, packet);
    const bool good = write_rows(tiff.get(), picture);
    tiff.reset();
    if (!good || !memory.error.empty()) throw Error("the TIFF cannot be written: " + memory.error);
    return std::move(memory.written);
}

}  // namespace clipig::codec
