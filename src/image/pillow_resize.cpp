#include "image/pillow_resize.h"

#include <algorithm>

#include "image/codec.h"
#include "image/convert.h"

namespace clipig {
namespace {

constexpr int kPrecision = 32 - 8 - 2;

std::vector<int> fixed_point(const ResampleWeights& weights) {
    std::vector<int> out;
    out.reserve(weights.weight.size());
    for (const double weight : weights.weight) out.push_back(static_cast<int>((weight < 0 ? -0.5 : 0.5) + weight * (1 << kPrecision)));
    return out;
}

std::uint16_t clip8(int sum) { return static_cast<std::uint16_t>(std::clamp(sum >> kPrecision, 0, 255)); }

/// `lines` lines, whose samples lie `step` apart and which start `line` apart, in the source and in the result.
struct Axis {
    std::size_t in_step, out_step, in_line, out_line, lines;
};

void pass(const std::vector<std::uint16_t>& in, std::vector<std::uint16_t>& out, const ResampleWeights& weights, const Axis& axis,
          std::size_t offset = 0) {
    const std::vector<int> fixed = fixed_point(weights);
    constexpr std::size_t block = 64;  // lines that are near each other stay in the cache for the width of a picture
    for (std::size_t begin = 0; begin < axis.lines; begin += block) {
        const std::size_t end = std::min(axis.lines, begin + block);
        for (std::size_t i = 0; i < weights.first.size(); ++i) {
            const int* weight = fixed.data() + i * static_cast<std::size_t>(weights.taps);
            const auto count = static_cast<std::size_t>(weights.count[i]);
            const std::uint16_t* from = in.data() + offset + static_cast<std::size_t>(weights.first[i]) * axis.in_step;
            std::uint16_t* to = out.data() + offset + i * axis.out_step;
            for (std::size_t line = begin; line < end; ++line) {
                int sum = 1 << (kPrecision - 1);
                for (std::size_t k = 0; k < count; ++k) sum += from[line * axis.in_line + k * axis.in_step] * weight[k];
                to[line * axis.out_line] = clip8(sum);
            }
        }
    }
}

Picture resize_width(const Picture& picture, int width, Filter filter) {
    if (width == picture.width) return picture;
    const auto step = static_cast<std::size_t>(picture.channels);
    Picture out = codec::blank(width, picture.height, picture.channels);
    const ResampleWeights weights = resample_weights(picture.width, width, filter);
    const auto in_row = static_cast<std::size_t>(picture.width) * step;
    const auto out_row = static_cast<std::size_t>(width) * step;
    const Axis axis{step, step, in_row, out_row, static_cast<std::size_t>(picture.height)};
    for (std::size_t channel = 0; channel < step; ++channel) pass(picture.samples, out.samples, weights, axis, channel);
    return out;
}

Picture resize_height(const Picture& picture, int height, Filter filter) {
    if (height == picture.height) return picture;
    const std::size_t row = static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.channels);
    Picture out = codec::blank(picture.width, height, picture.channels);
    pass(picture.samples, out.samples, resample_weights(picture.height, height, filter), Axis{row, row, 1, 1, row});
    return out;
}

/// a * b / 255, rounded, as Pillow's MULDIV255.
std::uint16_t product(unsigned a, unsigned b) {
    const unsigned sum = a * b + 128;
    return static_cast<std::uint16_t>(((sum >> 8u) + sum) >> 8u);
}

void premultiply(Picture& picture) {
    const auto step = static_cast<std::size_t>(picture.channels);
    for (std::size_t i = 0; i < picture.samples.size(); i += step)
        for (std::size_t c = 0; c + 1 < step; ++c) picture.samples[i + c] = product(picture.samples[i + c], picture.samples[i + step - 1]);
}

/// Pillow's rgbA2rgba: truncated, and left alone where alpha is 0 or 255.
void divide_by_alpha(Picture& picture) {
    const auto step = static_cast<std::size_t>(picture.channels);
    for (std::size_t i = 0; i < picture.samples.size(); i += step) {
        const unsigned alpha = picture.samples[i + step - 1];
        if (alpha == 0 || alpha == 255) continue;
        for (std::size_t c = 0; c + 1 < step; ++c)
            picture.samples[i + c] = static_cast<std::uint16_t>(std::min(255u, 255u * picture.samples[i + c] / alpha));
    }
}

Picture high_bytes(Picture picture) {
    if (picture.depth == 8) return picture;
    picture.depth = 8;
    for (auto& sample : picture.samples) sample = static_cast<std::uint16_t>(sample >> 8u);
    return picture;
}

}  // namespace

Picture pillow_resize(const Picture& picture, int width, int height, Filter filter) {
    Picture work = high_bytes(picture);
    if (width == picture.width && height == picture.height) return work;
    const bool alpha = picture.channels % 2 == 0 && filter != Filter::nearest;
    if (alpha) premultiply(work);
    work = resize_height(resize_width(work, width, filter), height, filter);
    if (alpha) divide_by_alpha(work);
    work.text = picture.text;
    return work;
}

Picture clip_preprocess(const Picture& picture, int size, ResizeMode mode, Filter filter) {
    int width = size;
    int height = size;
    if (mode == ResizeMode::shortest) {  // the long side is int(size * long / short) in Python, which divides exactly rounded doubles
        const auto scaled = [&](int longer, int shorter) {
            return static_cast<int>(static_cast<double>(static_cast<std::int64_t>(size) * longer) / shorter);
        };
        if (picture.width <= picture.height)
            height = scaled(picture.height, picture.width);
        else
            width = scaled(picture.width, picture.height);
    }
    Picture out = to_rgb(center_crop(pillow_resize(picture, width, height, filter), size, size));
    out.text.clear();
    return out;
}

}  // namespace clipig
