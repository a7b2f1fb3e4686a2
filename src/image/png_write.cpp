// PNG through libpng: fixed compression settings, an sRGB chunk and iTXt chunks, no time stamps.
#include <png.h>

#include <cstdio>
#include <vector>

#include "base/error.h"
#include "image/codec.h"

namespace clipig::codec {
namespace {

struct Output {
    std::string bytes;
    char message[200] = "";
};

extern "C" {

void clipig_png_write(png_structp png, png_bytep data, std::size_t count) {
    static_cast<Output*>(png_get_io_ptr(png))->bytes.append(reinterpret_cast<const char*>(data), count);
}

void clipig_png_flush(png_structp) {}

[[noreturn]] void clipig_png_write_failed(png_structp png, png_const_charp message) {
    auto* output = static_cast<Output*>(png_get_error_ptr(png));
    std::snprintf(output->message, sizeof(output->message), "%s", message);
    png_longjmp(png, 1);
}

void clipig_png_write_warning(png_structp, png_const_charp) {}

}  // extern "C"

/// iTXt entries that point into the metadata. Long values are compressed.
std::vector<png_text> text_entries(const PictureText& metadata) {
    std::vector<png_text> entries;
    for (const auto& [key, value] : metadata) {
        png_text entry{};
        entry.compression = value.size() > 2048 ? PNG_ITXT_COMPRESSION_zTXt : PNG_ITXT_COMPRESSION_NONE;
        entry.key = const_cast<char*>(key.c_str());
        entry.text = const_cast<char*>(value.c_str());
        entry.itxt_length = value.size();
        entries.push_back(entry);
    }
    return entries;
}

std::vector<png_byte> packed_samples(const Picture& picture) {
    std::vector<png_byte> bytes;
    bytes.reserve(picture.samples.size() * (picture.depth == 16 ? 2 : 1));
    for (const auto sample : picture.samples) {
        if (picture.depth == 16) bytes.push_back(static_cast<png_byte>(sample >> 8u));
        bytes.push_back(static_cast<png_byte>(sample & 0xFFu));
    }
    return bytes;
}

struct Rows {
    std::vector<png_byte> bytes;
    std::vector<png_bytep> rows;
};

/// Everything that libpng does; it leaves by longjmp, so nothing here has a destructor. False with Output::message set on failure.
bool write_all(png_structp png, png_infop info, const Picture& picture, std::vector<png_text>& entries, Rows& rows) {
    if (setjmp(png_jmpbuf(png)) != 0) return false;
    constexpr int kinds[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
    png_set_compression_level(png, 6);
    png_set_IHDR(png, info, static_cast<png_uint_32>(picture.width), static_cast<png_uint_32>(picture.height), picture.depth,
                 kinds[picture.channels - 1], PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_sRGB(png, info, PNG_sRGB_INTENT_PERCEPTUAL);
    if (!entries.empty()) png_set_text(png, info, entries.data(), static_cast<int>(entries.size()));
    png_write_info(png, info);
    png_write_image(png, rows.rows.data());
    png_write_end(png, nullptr);
    return true;
}

}  // namespace

std::string encode_png(const Picture& picture, const PictureText& metadata) {
    Rows rows{packed_samples(picture), std::vector<png_bytep>(static_cast<std::size_t>(picture.height))};
    const std::size_t row_size = rows.bytes.size() / rows.rows.size();
    for (std::size_t y = 0; y < rows.rows.size(); ++y) rows.rows[y] = rows.bytes.data() + y * row_size;
    PictureText values;
    for (const auto& [key, value] : metadata) values.emplace(key, to_utf8(value));
    std::vector<png_text> entries = text_entries(values);
    Output output;
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &output, clipig_png_write_failed, clipig_png_write_warning);
    png_infop info = png != nullptr ? png_create_info_struct(png) : nullptr;
    if (info == nullptr) {
        png_destroy_write_struct(&png, nullptr);
        throw Error("not enough memory to write a PNG");
    }
    png_set_write_fn(png, &output, clipig_png_write, clipig_png_flush);
    const bool good = write_all(png, info, picture, entries, rows);
    png_destroy_write_struct(&png, &info);
    if (!good) throw Error(std::string("the PNG cannot be written: ") + output.message);
    return std::move(output.bytes);
}

}  // namespace clipig::codec
