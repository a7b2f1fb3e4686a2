// JPEG through libjpeg: baseline, 4:4:4, exact integer DCT, optimised Huffman tables.
#include <cstdio>

#include <jpeglib.h>

#include <csetjmp>
#include <cstdlib>
#include <vector>

#include "base/error.h"
#include "image/codec.h"
#include "image/jpeg_text.h"

namespace clipig::codec {
namespace {

struct Errors {
    jpeg_error_mgr base{};
    std::jmp_buf jump{};
    char message[JMSG_LENGTH_MAX] = "";
};

extern "C" {

[[noreturn]] void clipig_jpeg_write_failed(j_common_ptr info) {
    auto* errors = reinterpret_cast<Errors*>(info->err);
    (*info->err->format_message)(info, errors->message);
    std::longjmp(errors->jump, 1);
}

}  // extern "C"

/// The compressor and its memory, freed on every way out.
struct Writer {
    Errors errors;
    jpeg_compress_struct info{};
    unsigned char* bytes = nullptr;
    unsigned long size = 0;

    Writer() = default;
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    ~Writer() {
        jpeg_destroy_compress(&info);
        std::free(bytes);
    }
};

void write_markers(jpeg_compress_struct& info, const JpegSegments& segments) {
    const auto write = [&](int marker, const std::string& data) {
        jpeg_write_marker(&info, marker, reinterpret_cast<const JOCTET*>(data.data()), static_cast<unsigned>(data.size()));
    };
    for (const auto& segment : segments.app1) write(JPEG_APP0 + 1, segment);
    for (const auto& segment : segments.comments) write(JPEG_COM, segment);
}

/// libjpeg leaves by longjmp, so that nothing in here may have a destructor.
bool write_all(Writer& writer, const Picture& picture, const JpegSegments& segments, int quality, std::vector<unsigned char>& row) {
    if (setjmp(writer.errors.jump) != 0) return false;
    auto& info = writer.info;
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, &writer.bytes, &writer.size);
    info.image_width = static_cast<JDIMENSION>(picture.width);
    info.image_height = static_cast<JDIMENSION>(picture.height);
    info.input_components = picture.channels;
    info.in_color_space = picture.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, quality, TRUE);
    info.dct_method = JDCT_ISLOW;
    info.optimize_coding = TRUE;
    info.comp_info[0].h_samp_factor = 1;
    info.comp_info[0].v_samp_factor = 1;
    jpeg_start_compress(&info, TRUE);
    write_markers(info, segments);
    for (int y = 0; y < picture.height; ++y) {
        row_bytes(picture, y, row.data());
        unsigned char* rows[] = {row.data()};
        jpeg_write_scanlines(&info, rows, 1);
    }
    jpeg_finish_compress(&info);
    return true;
}

}  // namespace

std::string encode_jpeg(const Picture& picture, const PictureText& metadata, int quality) {
    const JpegSegments segments = jpeg_text_segments(metadata);
    std::vector<unsigned char> row(static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.channels));
    Writer writer;
    writer.info.err = jpeg_std_error(&writer.errors.base);
    writer.errors.base.error_exit = clipig_jpeg_write_failed;
    if (!write_all(writer, picture, segments, quality, row))
        throw Error(std::string("the JPEG cannot be written: ") + writer.errors.message);
    return {reinterpret_cast<const char*>(writer.bytes), writer.size};
}

}  // namespace clipig::codec
