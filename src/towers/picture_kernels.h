// What a ResNet does beside convolutions, on pictures whose channels lie together, on all threads. No torch here.
#pragma once

#include <cstdint>

namespace clipig {

/// Pictures [count,height,width,channels].
struct PictureShape {
    std::int64_t count = 0, height = 0, width = 0, channels = 0;
    [[nodiscard]] std::int64_t rows() const { return count * height * width; }
    [[nodiscard]] std::int64_t elements() const { return rows() * channels; }
    [[nodiscard]] PictureShape halved() const { return {count, height / 2, width / 2, channels}; }
};

/// y = the mean of 2x2 of x; `x` is the shape of the input. A last odd row or column is left out.
template <class T>
void average_pool(const PictureShape& x, const T* input, T* output);

/// d input = d output / 4, at every pixel of x; only where `positive` is above zero unless that is null.
template <class T>
void average_pool_backward(const PictureShape& x, const T* d_output, const T* positive, T* d_input);

/// d = 0 where y is not above zero: the gradient of max(0, .) at its output.
template <class T>
void rectifier_backward(std::int64_t count, const T* y, T* d);

/// Neighbourhoods of a 3x3 convolution with stride 2 and padding 1: views [N,3,S,S] -> rows [N*(S/2)^2, 27], in the order of
/// the convolution's weights.
template <class T>
void cut_neighbourhoods(std::int64_t count, std::int64_t side, const float* views, T* rows);

/// The gradient of cut_neighbourhoods: every pixel gathers its entries, in a fixed order.
template <class T>
void paste_neighbourhoods(std::int64_t count, std::int64_t side, const T* rows, float* views);

}  // namespace clipig
