// Frames of one size out of pictures of any size.
#pragma once

#include <memory>

#include "video/encoder.h"

struct SwsContext;

namespace clipig {

/// Scales frames (bicubic) to a size where they have another one.
class FrameFitter {
public:
    FrameFitter(int width, int height) : width_(width), height_(height) {}
    ~FrameFitter();
    FrameFitter(const FrameFitter&) = delete;
    FrameFitter& operator=(const FrameFitter&) = delete;

    /// The frame itself, or a scaled one that lives until the next call. Throws Error.
    [[nodiscard]] const VideoFrame& fit(const VideoFrame& frame);

private:
    int width_, height_;
    VideoFrame scaled_;
    SwsContext* scaler_ = nullptr;
};

/// With the last column and row repeated until width and height are even, as 4:2:0 sampling needs them.
[[nodiscard]] VideoFrame even_sized(const VideoFrame& frame);

}  // namespace clipig
