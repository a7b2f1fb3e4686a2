// WebP through libwebp, its demuxer and its muxer: lossy, lossless, alpha, first frame of an animation.
#include <webp/decode.h>
#include <webp/demux.h>
#include <webp/encode.h>
#include <webp/mux.h>

#include <memory>
#include <vector>

#include "base/error.h"
#include "image/codec.h"
#include "image/exif.h"

namespace clipig::codec {
namespace {

constexpr std::string_view kFormat = "WebP";

struct Deleter {
    void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
    void operator()(WebPMux* mux) const { WebPMuxDelete(mux); }
    void operator()(WebPPicture* picture) const { WebPPictureFree(picture); }
    void operator()(WebPMemoryWriter* writer) const { WebPMemoryWriterClear(writer); }
};

const std::uint8_t* data_of(std::string_view bytes) { return reinterpret_cast<const std::uint8_t*>(bytes.data()); }

/// One coded frame as 8-bit samples.
Picture decode_frame(const Source& source, const WebPData& data) {
    WebPBitstreamFeatures features{};
    if (WebPGetFeatures(data.bytes, data.size, &features) != VP8_STATUS_OK) fail(source, kFormat, "its frame is damaged");
    check_size(source, kFormat, static_cast<std::uint64_t>(features.width), static_cast<std::uint64_t>(features.height));
    Picture picture = blank(features.width, features.height, features.has_alpha != 0 ? 4 : 3);
    std::vector<std::uint8_t> bytes(picture.samples.size());
    const int stride = picture.width * picture.channels;
    const auto* done = features.has_alpha != 0 ? WebPDecodeRGBAInto(data.bytes, data.size, bytes.data(), bytes.size(), stride)
                                               : WebPDecodeRGBInto(data.bytes, data.size, bytes.data(), bytes.size(), stride);
    if (done == nullptr) fail(source, kFormat, "the file is cut short or damaged");
    std::copy(bytes.begin(), bytes.end(), picture.samples.begin());
    return picture;
}

/// A frame that does not fill the canvas is laid on transparent black.
Picture on_canvas(const Picture& frame, int left, int top, int width, int height) {
    if (left == 0 && top == 0 && frame.width == width && frame.height == height) return frame;
    Picture canvas = blank(width, height, 4);
    for (int y = 0; y < frame.height && y + top < height; ++y) {
        for (int x = 0; x < frame.width && x + left < width; ++x) {
            std::uint16_t* out = canvas.samples.data() + offset_of(canvas, x + left, y + top);
            for (int c = 0; c < 3; ++c) out[c] = frame.at(x, y, c);
            out[3] = frame.channels == 4 ? frame.at(x, y, 3) : 255;
        }
    }
    return canvas;
}

std::string_view chunk(const WebPDemuxer* demuxer, const char* name, WebPChunkIterator& iterator) {
    if (WebPDemuxGetChunk(demuxer, name, 1, &iterator) == 0) return {};
    return {reinterpret_cast<const char*>(iterator.chunk.bytes), iterator.chunk.size};
}

int read_text(const WebPDemuxer* demuxer, PictureText& text) {
    WebPChunkIterator iterator{};
    read_xmp(chunk(demuxer, "XMP ", iterator), text);
    WebPDemuxReleaseChunkIterator(&iterator);
    Exif exif = parse_exif(chunk(demuxer, "EXIF", iterator));
    WebPDemuxReleaseChunkIterator(&iterator);
    text.merge(exif.text);
    return exif.orientation;
}

void import_pixels(WebPPicture& out, const Picture& picture) {
    const bool alpha = picture.channels % 2 == 0;
    const auto step = static_cast<std::size_t>(picture.channels);
    const std::size_t pixels = picture.samples.size() / step;
    const std::size_t used = alpha ? 4 : 3;
    std::vector<std::uint8_t> bytes(pixels * used);
    for (std::size_t i = 0; i < pixels; ++i) {
        const std::uint16_t* in = picture.samples.data() + i * step;
        for (std::size_t c = 0; c < 3; ++c) bytes[i * used + c] = static_cast<std::uint8_t>(in[step >= 3 ? c : 0]);
        if (alpha) bytes[i * 4 + 3] = static_cast<std::uint8_t>(in[step - 1]);
    }
    const int stride = picture.width * static_cast<int>(used);
    const int good = alpha ? WebPPictureImportRGBA(&out, bytes.data(), stride) : WebPPictureImportRGB(&out, bytes.data(), stride);
    if (good == 0) throw Error("not enough memory to write a WebP");
}

/// The file without metadata; quality 0 means lossless.
std::string encode_pixels(const Picture& picture, int quality) {
    WebPConfig config;
    WebPPicture out;
    WebPMemoryWriter writer;
    if (WebPConfigInit(&config) == 0 || WebPPictureInit(&out) == 0) throw Error("libwebp has another version than at build time");
    WebPMemoryWriterInit(&writer);
    const std::unique_ptr<WebPPicture, Deleter> frees_picture(&out);
    const std::unique_ptr<WebPMemoryWriter, Deleter> frees_writer(&writer);
    config.lossless = quality == 0 ? 1 : 0;
    config.exact = 1;  // keep the colours under transparent pixels
    config.quality = static_cast<float>(quality == 0 ? 75 : quality);
    config.use_sharp_yuv = 1;  // better red edges; WebP has 4:2:0 only
    config.thread_level = 0;
    out.use_argb = 1;
    out.width = picture.width;
    out.height = picture.height;
    out.writer = WebPMemoryWrite;
    out.custom_ptr = &writer;
    import_pixels(out, picture);
    if (WebPEncode(&config, &out) == 0)
        throw Error("the WebP cannot be written: libwebp error " + std::to_string(static_cast<int>(out.error_code)));
    return {reinterpret_cast<const char*>(writer.mem), writer.size};
}

std::string with_xmp(const std::string& file, const std::string& packet) {
    const WebPData whole{data_of(file), file.size()};
    const std::unique_ptr<WebPMux, Deleter> mux(WebPMuxCreate(&whole, 0));
    const WebPData xmp{data_of(packet), packet.size()};
    WebPData out{};
    if (mux == nullptr || WebPMuxSetChunk(mux.get(), "XMP ", &xmp, 0) != WEBP_MUX_OK || WebPMuxAssemble(mux.get(), &out) != WEBP_MUX_OK) {
        WebPDataClear(&out);
        throw Error("the text cannot be put into the WebP");
    }
    std::string bytes(reinterpret_cast<const char*>(out.bytes), out.size);
    WebPDataClear(&out);
    return bytes;
}

}  // namespace

bool is_webp(std::string_view bytes) { return bytes.size() >= 12 && bytes.starts_with("RIFF") && bytes.substr(8, 4) == "WEBP"; }

Picture decode_webp(const Source& source) {
    const WebPData whole{data_of(source.bytes), source.bytes.size()};
    const std::unique_ptr<WebPDemuxer, Deleter> demuxer(WebPDemux(&whole));
    if (demuxer == nullptr) fail(source, kFormat, "the file is cut short or damaged");
    const std::uint32_t width = WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_WIDTH);
    const std::uint32_t height = WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_HEIGHT);
    check_size(source, kFormat, width, height);
    WebPIterator frame{};
    if (WebPDemuxGetFrame(demuxer.get(), 1, &frame) == 0) fail(source, kFormat, "it holds no frame");
    const std::unique_ptr<WebPIterator, decltype(&WebPDemuxReleaseIterator)> frees_frame(&frame, WebPDemuxReleaseIterator);
    Picture picture =
        on_canvas(decode_frame(source, frame.fragment), frame.x_offset, frame.y_offset, static_cast<int>(width), static_cast<int>(height));
    const int orientation = read_text(demuxer.get(), picture.text);
    return oriented(std::move(picture), orientation);
}

std::string encode_webp(const Picture& picture, const PictureText& metadata, int quality) {
    const std::string file = encode_pixels(picture, quality);
    return metadata.empty() ? file : with_xmp(file, xmp_packet(metadata));
}

}  // namespace clipig::codec
