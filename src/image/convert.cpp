#include "image/convert.h"

#include <algorithm>
#include <cmath>

#include "image/codec.h"

namespace clipig {
namespace {

/// For each channel of the wanted colours, the channel of the source.
int source_channel(const Picture& picture, int channel) { return picture.channels >= 3 ? channel : 0; }

template <typename T>
void copy_part(const T* in, int in_width, int in_height, T* out, int left, int top, int width, int height, int step) {
    const int first = std::max(0, -left);
    const int last = std::min(width, in_width - left);
    if (first >= last) return;
    for (int y = std::max(0, -top); y < std::min(height, in_height - top); ++y) {
        const T* from = in + (static_cast<std::ptrdiff_t>(y + top) * in_width + left + first) * step;
        std::copy(from, from + static_cast<std::ptrdiff_t>(last - first) * step,
                  out + (static_cast<std::ptrdiff_t>(y) * width + first) * step);
    }
}

int middle(int size, int wanted) {
    const int twice = size - wanted;  // halves go to the even neighbour
    const int down = twice >= 0 ? twice / 2 : (twice - 1) / 2;
    return twice % 2 == 0 || down % 2 == 0 ? down : down + 1;
}

}  // namespace

Picture to_rgb(const Picture& picture) {
    Picture out = codec::blank(picture.width, picture.height, 3);
    out.text = picture.text;
    const int shift = picture.depth == 16 ? 8 : 0;
    const auto step = static_cast<std::size_t>(picture.channels);
    const std::size_t pixels = picture.samples.size() / step;
    for (int c = 0; c < 3; ++c) {
        const std::uint16_t* in = picture.samples.data() + source_channel(picture, c);
        for (std::size_t i = 0; i < pixels; ++i)
            out.samples[i * 3 + static_cast<std::size_t>(c)] = static_cast<std::uint16_t>(in[i * step] >> shift);
    }
    return out;
}

Picture without_alpha(const Picture& picture) {
    if (picture.channels % 2 == 1) return picture;
    Picture out = codec::blank(picture.width, picture.height, picture.channels - 1, picture.depth);
    out.text = picture.text;
    const auto kept = static_cast<std::size_t>(out.channels);
    for (std::size_t i = 0; i < out.samples.size(); ++i) out.samples[i] = picture.samples[i / kept * (kept + 1) + i % kept];
    return out;
}

Picture to_depth(const Picture& picture, int depth) {
    Picture out = picture;
    if (depth == picture.depth) return out;
    out.depth = depth;
    for (auto& sample : out.samples) sample = static_cast<std::uint16_t>(depth == 8 ? (sample + 128u) / 257u : sample * 257u);
    return out;
}

Planes to_planes(const Picture& picture) {
    const auto step = static_cast<std::size_t>(picture.channels);
    const std::size_t pixels = picture.samples.size() / step;
    Planes planes{picture.width, picture.height, std::vector<float>(pixels * 3)};
    const float top = picture.depth == 16 ? 65535.0f : 255.0f;
    for (int c = 0; c < 3; ++c) {
        const std::uint16_t* in = picture.samples.data() + source_channel(picture, c);
        float* out = planes.data.data() + static_cast<std::size_t>(c) * pixels;
        for (std::size_t i = 0; i < pixels; ++i) out[i] = static_cast<float>(in[i * step]) / top;
    }
    return planes;
}

Picture from_planes(const Planes& planes, int depth) {
    Picture out = codec::blank(planes.width, planes.height, 3, depth);
    const std::size_t pixels = static_cast<std::size_t>(planes.width) * static_cast<std::size_t>(planes.height);
    const double top = depth == 16 ? 65535.0 : 255.0;
    for (std::size_t c = 0; c < 3; ++c) {
        const float* in = planes.data.data() + c * pixels;
        for (std::size_t i = 0; i < pixels; ++i) {
            const double value = in[i] > 0.0f ? std::min(1.0, static_cast<double>(in[i])) : 0.0;  // false for NaN too
            out.samples[i * 3 + c] = static_cast<std::uint16_t>(std::floor(value * top + 0.5));
        }
    }
    return out;
}

Picture crop(const Picture& picture, int left, int top, int width, int height) {
    Picture out = codec::blank(width, height, picture.channels, picture.depth);
    out.text = picture.text;
    copy_part(picture.samples.data(), picture.width, picture.height, out.samples.data(), left, top, width, height, picture.channels);
    return out;
}

Planes crop(const Planes& planes, int left, int top, int width, int height) {
    const std::size_t in_pixels = static_cast<std::size_t>(planes.width) * static_cast<std::size_t>(planes.height);
    const std::size_t pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
    Planes out{width, height, std::vector<float>(pixels * 3)};
    for (std::size_t c = 0; c < 3; ++c)
        copy_part(planes.data.data() + c * in_pixels, planes.width, planes.height, out.data.data() + c * pixels, left, top, width, height,
                  1);
    return out;
}

Picture center_crop(const Picture& picture, int width, int height) {
    return crop(picture, middle(picture.width, width), middle(picture.height, height), width, height);
}

}  // namespace clipig
