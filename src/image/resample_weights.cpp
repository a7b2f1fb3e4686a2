#include "image/resample_weights.h"

#include <algorithm>
#include <cmath>

namespace clipig {
namespace {

double bilinear(double x) {
    x = std::abs(x);
    return x < 1.0 ? 1.0 - x : 0.0;
}

/// Keys, "Cubic convolution interpolation for digital image processing", 1981, with a = -0.5.
double bicubic(double x) {
    constexpr double a = -0.5;
    x = std::abs(x);
    if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
    if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
    return 0.0;
}

ResampleWeights nearest_weights(int in_size, int out_size) {
    ResampleWeights out;
    out.taps = 1;
    const double scale = static_cast<double>(in_size) / out_size;
    double center = scale * 0.5;
    for (int i = 0; i < out_size; ++i, center += scale) {  // summed up as in Pillow's Geometry.c, whose rounding decides ties
        out.first.push_back(std::min(in_size - 1, static_cast<int>(center)));
        out.count.push_back(1);
        out.weight.push_back(1.0);
    }
    return out;
}

}  // namespace

ResampleWeights resample_weights(int in_size, int out_size, Filter filter, bool antialias) {
    if (filter == Filter::nearest) return nearest_weights(in_size, out_size);
    const double scale = static_cast<double>(in_size) / out_size;
    const double stretch = antialias ? std::max(scale, 1.0) : 1.0;
    const double support = (filter == Filter::bicubic ? 2.0 : 1.0) * stretch;
    const double shrink = 1.0 / stretch;
    ResampleWeights out;
    out.taps = static_cast<int>(std::ceil(support)) * 2 + 1;
    out.weight.resize(static_cast<std::size_t>(out_size) * static_cast<std::size_t>(out.taps));
    for (int i = 0; i < out_size; ++i) {
        const double center = (i + 0.5) * scale;
        const int first = std::max(0, static_cast<int>(center - support + 0.5));
        const int count = std::min(in_size, static_cast<int>(center + support + 0.5)) - first;
        double* weight = out.weight.data() + static_cast<std::size_t>(i) * static_cast<std::size_t>(out.taps);
        double sum = 0;
        for (int k = 0; k < count; ++k) {
            const double distance = (k + first - center + 0.5) * shrink;
            weight[k] = filter == Filter::bicubic ? bicubic(distance) : bilinear(distance);
            sum += weight[k];
        }
        for (int k = 0; k < count && sum != 0.0; ++k) weight[k] /= sum;
        out.first.push_back(first);
        out.count.push_back(count);
    }
    return out;
}

}  // namespace clipig
