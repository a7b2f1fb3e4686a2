// PNG through libpng, every depth expanded to 8 or 16 bits and every palette to RGB.
#include <png.h>

#include <cstdio>
#include <cstring>
#include <vector>

#include "image/codec.h"
#include "image/exif.h"

namespace clipig::codec {
namespace {

constexpr std::string_view kFormat = "PNG";

struct Input {
    std::string_view bytes;
    std::size_t at = 0;
    char message[200] = "";
};

extern "C" {

void clipig_png_read(png_structp png, png_bytep out, std::size_t count) {
    auto* input = static_cast<Input*>(png_get_io_ptr(png));
    if (count > input->bytes.size() - input->at) png_error(png, "the file is cut short");
    std::memcpy(out, input->bytes.data() + input->at, count);
    input->at += count;
}

[[noreturn]] void clipig_png_read_failed(png_structp png, png_const_charp message) {
    auto* input = static_cast<Input*>(png_get_error_ptr(png));
    std::snprintf(input->message, sizeof(input->message), "%s", message);
    png_longjmp(png, 1);
}

void clipig_png_read_warning(png_structp, png_const_charp) {}

}  // extern "C"

/// libpng's two structures, freed on every way out.
class Reader {
public:
    explicit Reader(const Source& source) : source_(source) {
        input_.bytes = source.bytes;
        png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, &input_, clipig_png_read_failed, clipig_png_read_warning);
        info_ = png_ != nullptr ? png_create_info_struct(png_) : nullptr;
        if (info_ == nullptr) {
            png_destroy_read_struct(&png_, nullptr, nullptr);
            fail(source, kFormat, "not enough memory");
        }
        png_set_read_fn(png_, &input_, clipig_png_read);
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
        png_set_crc_action(png_, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE);  // checksums would stop nearly every mutated chunk
#endif
        png_set_chunk_malloc_max(png_, 16 << 20);           // bytes: a chunk is given memory before it is known to be there
        png_set_user_limits(png_, 0x7FFFFFFF, 0x7FFFFFFF);  // check_size() holds the product down
    }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader() { png_destroy_read_struct(&png_, &info_, nullptr); }

    [[nodiscard]] png_structp png() { return png_; }
    [[nodiscard]] png_infop info() { return info_; }

    /// Runs calls of libpng. They must keep no object with a destructor, because libpng leaves by longjmp.
    template <typename Step>
    void run(Step step) {
        if (!guarded(step)) fail(source_, kFormat, input_.message);
    }

private:
    template <typename Step>
    bool guarded(Step& step) {
        if (setjmp(png_jmpbuf(png_)) != 0) return false;
        step();
        return true;
    }

    const Source& source_;
    Input input_;
    png_structp png_ = nullptr;
    png_infop info_ = nullptr;
};

void read_header(Reader& reader, const Source& source) {
    reader.run([&] { png_read_info(reader.png(), reader.info()); });
    const std::uint64_t width = png_get_image_width(reader.png(), reader.info());
    const std::uint64_t height = png_get_image_height(reader.png(), reader.info());
    check_size(source, kFormat, width, height);
    // deflate packs at most 1032 to 1, so that a picture which is not in the file is refused before memory is taken for it
    if (png_get_rowbytes(reader.png(), reader.info()) * height / 1040 > source.bytes.size()) fail(source, kFormat, "the file is cut short");
    reader.run([&] {
        png_set_expand(reader.png());
        png_set_interlace_handling(reader.png());
        png_read_update_info(reader.png(), reader.info());
    });
}

void read_rows(Reader& reader, Picture& picture) {
    const std::size_t row_size = png_get_rowbytes(reader.png(), reader.info());
    std::vector<png_byte> bytes(row_size * static_cast<std::size_t>(picture.height));
    std::vector<png_bytep> rows(static_cast<std::size_t>(picture.height));
    for (std::size_t y = 0; y < rows.size(); ++y) rows[y] = bytes.data() + y * row_size;
    reader.run([&] {
        png_read_image(reader.png(), rows.data());
        png_read_end(reader.png(), reader.info());
    });
    if (picture.depth == 16) {
        for (std::size_t i = 0; i < picture.samples.size(); ++i)
            picture.samples[i] = static_cast<std::uint16_t>(bytes[2 * i] << 8u | bytes[2 * i + 1]);
    } else {
        std::copy(bytes.begin(), bytes.end(), picture.samples.begin());
    }
}

void read_text(Reader& reader, PictureText& text) {
    png_textp entries = nullptr;
    const int count = png_get_text(reader.png(), reader.info(), &entries, nullptr);
    for (int i = 0; i < count; ++i) {
        const png_text& entry = entries[i];
        const std::size_t length = entry.compression >= PNG_ITXT_COMPRESSION_NONE ? entry.itxt_length : entry.text_length;
        if (entry.key == nullptr) continue;
        text.emplace(to_utf8(entry.key), entry.text == nullptr ? std::string() : to_utf8(std::string_view(entry.text, length)));
    }
}

int orientation(Reader& reader) {
    png_uint_32 size = 0;
    png_bytep block = nullptr;
    if (png_get_eXIf_1(reader.png(), reader.info(), &size, &block) == 0) return 1;
    return parse_exif(std::string_view(reinterpret_cast<const char*>(block), size)).orientation;
}

}  // namespace

bool is_png(std::string_view bytes) { return bytes.starts_with("\x89PNG\r\n\x1A\n"); }

Picture decode_png(const Source& source) {
    Reader reader(source);
    read_header(reader, source);
    const auto width = static_cast<int>(png_get_image_width(reader.png(), reader.info()));
    const auto height = static_cast<int>(png_get_image_height(reader.png(), reader.info()));
    Picture picture = blank(width, height, png_get_channels(reader.png(), reader.info()), png_get_bit_depth(reader.png(), reader.info()));
    read_rows(reader, picture);
    read_text(reader, picture.text);
    return oriented(std::move(picture), orientation(reader));
}

}  // namespace clipig::codec
