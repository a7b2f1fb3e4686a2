// JPEG through libjpeg: baseline and progressive, grey, YCbCr, RGB, CMYK and YCCK; EXIF orientation is applied.
#include <cstdio>

#include <jpeglib.h>

#include <jerror.h>

#include <csetjmp>
#include <cstring>
#include <vector>

#include "image/codec.h"
#include "image/exif.h"
#include "image/jpeg_text.h"

namespace clipig::codec {
namespace {

constexpr std::string_view kFormat = "JPEG";

/// libjpeg hands back a pointer to its first member, which is therefore the first here.
struct Errors {
    jpeg_error_mgr base{};
    std::jmp_buf jump{};
    char message[JMSG_LENGTH_MAX] = "";
};

/// A progressive file may hold thousands of scans over all pixels in few bytes; real ones have about ten.
constexpr int kMaxScans = 200;

extern "C" {

[[noreturn]] void clipig_jpeg_failed(j_common_ptr info) {
    auto* errors = reinterpret_cast<Errors*>(info->err);
    (*info->err->format_message)(info, errors->message);
    std::longjmp(errors->jump, 1);
}

/// Warnings are forgiven, but for those that mean missing pixels.
void clipig_jpeg_message(j_common_ptr info, int level) {
    const int code = info->err->msg_code;
    if (level == -1 && (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER)) {
        auto* errors = reinterpret_cast<Errors*>(info->err);
        std::snprintf(errors->message, sizeof(errors->message), "the file is cut short or damaged");
        std::longjmp(errors->jump, 1);
    }
}

void clipig_jpeg_progress(j_common_ptr info) {
    if (!info->is_decompressor) return;
    if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= kMaxScans) return;
    auto* errors = reinterpret_cast<Errors*>(info->err);
    std::snprintf(errors->message, sizeof(errors->message), "it has more than %d scans", kMaxScans);
    std::longjmp(errors->jump, 1);
}

}  // extern "C"

class Reader {
public:
    explicit Reader(const Source& source) : source_(source) {
        info_.err = jpeg_std_error(&errors_.base);
        errors_.base.error_exit = clipig_jpeg_failed;
        errors_.base.emit_message = clipig_jpeg_message;
        progress_.progress_monitor = clipig_jpeg_progress;
        run([this] {
            jpeg_create_decompress(&info_);
            info_.progress = &progress_;
            jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(source_.bytes.data()),
                         static_cast<unsigned long>(source_.bytes.size()));
            jpeg_save_markers(&info_, JPEG_APP0 + 1, 0xFFFF);
            jpeg_save_markers(&info_, JPEG_COM, 0xFFFF);
        });
    }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader() { jpeg_destroy_decompress(&info_); }

    [[nodiscard]] jpeg_decompress_struct& info() { return info_; }

    /// Runs calls of libjpeg. They must keep no object with a destructor, because libjpeg leaves by longjmp.
    template <typename Step>
    void run(Step step) {
        if (!guarded(step)) fail(source_, kFormat, errors_.message);
    }

private:
    template <typename Step>
    bool guarded(Step& step) {
        if (setjmp(errors_.jump) != 0) return false;
        step();
        return true;
    }

    const Source& source_;
    Errors errors_;
    jpeg_progress_mgr progress_{};
    jpeg_decompress_struct info_{};
};

void start(Reader& reader, const Source& source) {
    auto& info = reader.info();
    reader.run([&] { jpeg_read_header(&info, TRUE); });
    check_size(source, kFormat, info.image_width, info.image_height);
    if (info.jpeg_color_space == JCS_GRAYSCALE)
        info.out_color_space = JCS_GRAYSCALE;
    else if (info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK)
        info.out_color_space = JCS_CMYK;
    else
        info.out_color_space = JCS_RGB;
    reader.run([&] { jpeg_start_decompress(&info); });
}

/// a * b / 255, rounded, as Pillow's MULDIV255.
std::uint32_t product(std::uint32_t a, std::uint32_t b) {
    const std::uint32_t sum = a * b + 128;
    return ((sum >> 8u) + sum) >> 8u;
}

/// Pillow's cmyk2rgb without a profile. Files with Adobe's marker store ink inverted.
void cmyk_row(const std::vector<unsigned char>& row, bool inverted, std::uint16_t* out, std::size_t width) {
    const std::uint32_t flip = inverted ? 255 : 0;
    for (std::size_t x = 0; x < width; ++x) {
        const std::uint32_t light = 255 - (row[4 * x + 3] ^ flip);
        for (std::size_t c = 0; c < 3; ++c) out[3 * x + c] = static_cast<std::uint16_t>(light - product(row[4 * x + c] ^ flip, light));
    }
}

void read_rows(Reader& reader, Picture& picture) {
    auto& info = reader.info();
    const std::size_t width = info.output_width;
    std::vector<unsigned char> row(width * static_cast<std::size_t>(info.output_components));
    for (int y = 0; y < picture.height; ++y) {
        unsigned char* rows[] = {row.data()};
        reader.run([&] { jpeg_read_scanlines(&info, rows, 1); });
        std::uint16_t* out = picture.samples.data() + offset_of(picture, 0, y);
        if (info.out_color_space == JCS_CMYK)
            cmyk_row(row, info.saw_Adobe_marker != 0, out, width);
        else
            std::copy(row.begin(), row.end(), out);
    }
    reader.run([&] { jpeg_finish_decompress(&info); });
}

std::vector<std::string_view> segments(const jpeg_decompress_struct& info, int marker) {
    std::vector<std::string_view> out;
    for (auto* entry = info.marker_list; entry != nullptr; entry = entry->next)
        if (entry->marker == marker) out.emplace_back(reinterpret_cast<const char*>(entry->data), entry->data_length);
    return out;
}

}  // namespace

bool is_jpeg(std::string_view bytes) { return bytes.starts_with("\xFF\xD8\xFF"); }

Picture decode_jpeg(const Source& source) {
    Reader reader(source);
    start(reader, source);
    const int channels = reader.info().out_color_space == JCS_GRAYSCALE ? 1 : 3;
    Picture picture = blank(static_cast<int>(reader.info().output_width), static_cast<int>(reader.info().output_height), channels);
    // before the end of decompression, which frees the segments
    const int orientation = read_jpeg_text(segments(reader.info(), JPEG_APP0 + 1), segments(reader.info(), JPEG_COM), picture.text);
    read_rows(reader, picture);
    return oriented(std::move(picture), orientation);
}

}  // namespace clipig::codec
