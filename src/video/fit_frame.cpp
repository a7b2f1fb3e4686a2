#include "video/fit_frame.h"

extern "C" {
#include <libswscale/swscale.h>
}

#include <algorithm>

#include "base/error.h"

namespace clipig {

FrameFitter::~FrameFitter() { sws_freeContext(scaler_); }

const VideoFrame& FrameFitter::fit(const VideoFrame& frame) {
    if (frame.width == width_ && frame.height == height_) return frame;
    scaler_ = sws_getCachedContext(scaler_, frame.width, frame.height, AV_PIX_FMT_RGB24, width_, height_, AV_PIX_FMT_RGB24,
                                   SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT, nullptr, nullptr, nullptr);
    if (scaler_ == nullptr) throw Error("libswscale cannot scale such frames");
    scaled_ = {width_, height_,
               std::vector<std::uint8_t>(std::size_t{3} * static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_))};
    const std::uint8_t* in[4] = {frame.rgb.data(), nullptr, nullptr, nullptr};
    std::uint8_t* out[4] = {scaled_.rgb.data(), nullptr, nullptr, nullptr};
    const int in_stride[4] = {3 * frame.width, 0, 0, 0};
    const int out_stride[4] = {3 * width_, 0, 0, 0};
    sws_scale(scaler_, in, in_stride, 0, frame.height, out, out_stride);
    return scaled_;
}

VideoFrame even_sized(const VideoFrame& frame) {
    if (frame.width % 2 == 0 && frame.height % 2 == 0) return frame;
    VideoFrame even{frame.width + frame.width % 2, frame.height + frame.height % 2, {}};
    const std::size_t row = std::size_t{3} * static_cast<std::size_t>(frame.width);
    for (int y = 0; y < even.height; ++y) {
        const auto* begin = frame.rgb.data() + static_cast<std::size_t>(std::min(y, frame.height - 1)) * row;
        even.rgb.insert(even.rgb.end(), begin, begin + row);
        if (even.width != frame.width) even.rgb.insert(even.rgb.end(), begin + row - 3, begin + row);
    }
    return even;
}

}  // namespace clipig
