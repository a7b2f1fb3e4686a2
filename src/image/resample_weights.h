// Weights of separable resampling, as Pillow computes them (python-pillow/Pillow: src/libImaging/Resample.c, precompute_coeffs).
#pragma once

#include <cstddef>
#include <vector>

namespace clipig {

/// Bicubic has a = -0.5, as Pillow and torch with antialias have it; nearest takes the pixel under the centre.
enum class Filter { nearest, bilinear, bicubic };

/// Output sample i is the sum over k < count[i] of weight[i * taps + k] * input[first[i] + k]. The weights of a sample add up to one.
struct ResampleWeights {
    int taps = 0;
    std::vector<int> first;
    std::vector<int> count;
    std::vector<double> weight;
};

/// From in_size to out_size samples. With antialias the filter grows when the picture shrinks.
[[nodiscard]] ResampleWeights resample_weights(int in_size, int out_size, Filter filter, bool antialias = true);

}  // namespace clipig
