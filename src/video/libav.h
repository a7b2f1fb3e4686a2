// libav's objects with owners, and its errors as exceptions.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavformat/avformat.h>
#include <libavutil/frame.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
}

#include <array>
#include <filesystem>
#include <memory>
#include <string>

#include "base/error.h"

namespace clipig {

struct AvDeleter {
    void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
    void operator()(AVFrame* frame) const { av_frame_free(&frame); }
    void operator()(AVPacket* packet) const { av_packet_free(&packet); }
    void operator()(AVBSFContext* filter) const { av_bsf_free(&filter); }
    void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
};
using AvCodec = std::unique_ptr<AVCodecContext, AvDeleter>;
using AvFrame = std::unique_ptr<AVFrame, AvDeleter>;
using AvPacket = std::unique_ptr<AVPacket, AvDeleter>;
using AvFilter = std::unique_ptr<AVBSFContext, AvDeleter>;
using AvScaler = std::unique_ptr<SwsContext, AvDeleter>;

/// A file that is read.
struct AvInputDeleter {
    void operator()(AVFormatContext* format) const { avformat_close_input(&format); }
};
using AvInput = std::unique_ptr<AVFormatContext, AvInputDeleter>;

/// A file that is written: with its I/O context, which stays open when writing fails.
struct AvOutputDeleter {
    void operator()(AVFormatContext* format) const {
        avio_closep(&format->pb);
        avformat_free_context(format);
    }
};
using AvOutput = std::unique_ptr<AVFormatContext, AvOutputDeleter>;

[[nodiscard]] inline std::string av_error_text(int code) {
    std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
    av_strerror(code, text.data(), text.size());
    return text.data();
}

/// The code itself when it is none of an error. Throws Error: `WHAT: reason`.
inline int checked(int code, const std::string& what) {
    if (code < 0) throw Error(what + ": " + av_error_text(code));
    return code;
}

/// A name that is never taken for a protocol, whatever stands in it.
[[nodiscard]] inline std::string av_url(const std::filesystem::path& path) { return "file:" + path.string(); }

/// Between our RGB and the video's Y'CbCr of BT.709 with 16..235, whatever libswscale thinks of the size.
inline void use_bt709(SwsContext* scaler, bool to_rgb) {
    const int* table = sws_getCoefficients(SWS_CS_ITU709);
    sws_setColorspaceDetails(scaler, table, to_rgb ? 0 : 1, table, to_rgb ? 1 : 0, 0, 1 << 16, 1 << 16);
}

}  // namespace clipig
