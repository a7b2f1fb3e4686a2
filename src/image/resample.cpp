#include "image/resample.h"

#include <algorithm>
#include <cmath>

#include "image/convert.h"

namespace clipig {
namespace {

std::size_t area(int width, int height) { return static_cast<std::size_t>(width) * static_cast<std::size_t>(height); }

std::vector<float> resize_rows(const float* in, int in_width, int height, int width, const ResampleWeights& weights) {
    std::vector<float> out(area(width, height));
    for (int y = 0; y < height; ++y) {
        const float* row = in + area(in_width, y);
        for (std::size_t x = 0; x < static_cast<std::size_t>(width); ++x) {
            const double* weight = weights.weight.data() + x * static_cast<std::size_t>(weights.taps);
            double sum = 0;
            for (int k = 0; k < weights.count[x]; ++k) sum += weight[k] * static_cast<double>(row[weights.first[x] + k]);
            out[area(width, y) + x] = static_cast<float>(sum);
        }
    }
    return out;
}

void resize_columns(const std::vector<float>& in, int width, int height, const ResampleWeights& weights, float* out) {
    std::vector<double> row(static_cast<std::size_t>(width));
    for (int y = 0; y < height; ++y) {
        std::fill(row.begin(), row.end(), 0.0);
        const auto line = static_cast<std::size_t>(y);
        for (int k = 0; k < weights.count[line]; ++k) {
            const double weight = weights.weight[line * static_cast<std::size_t>(weights.taps) + static_cast<std::size_t>(k)];
            const float* from = in.data() + area(width, weights.first[line] + k);
            for (std::size_t x = 0; x < row.size(); ++x) row[x] += weight * static_cast<double>(from[x]);
        }
        for (std::size_t x = 0; x < row.size(); ++x) out[area(width, y) + x] = static_cast<float>(row[x]);
    }
}

/// A side after scaling, at least one pixel.
int scaled(int size, double factor) { return std::max(1, static_cast<int>(std::lround(size * factor))); }

}  // namespace

Planes resize_planes(const Planes& planes, int width, int height, Filter filter, bool antialias) {
    if (width == planes.width && height == planes.height) return planes;
    const ResampleWeights across = resample_weights(planes.width, width, filter, antialias);
    const ResampleWeights down = resample_weights(planes.height, height, filter, antialias);
    Planes out{width, height, std::vector<float>(3 * area(width, height))};
    for (std::size_t c = 0; c < 3; ++c) {
        const std::vector<float> rows =
            resize_rows(planes.data.data() + c * area(planes.width, planes.height), planes.width, planes.height, width, across);
        resize_columns(rows, width, height, down, out.data.data() + c * area(width, height));
    }
    return out;
}

Planes cover_planes(const Planes& planes, int width, int height, Filter filter) {
    const double factor = std::max(static_cast<double>(width) / planes.width, static_cast<double>(height) / planes.height);
    const int large_width = std::max(width, scaled(planes.width, factor));
    const int large_height = std::max(height, scaled(planes.height, factor));
    const Planes large = resize_planes(planes, large_width, large_height, filter);
    return crop(large, (large_width - width) / 2, (large_height - height) / 2, width, height);
}

Planes fit_planes(const Planes& planes, int width, int height, Filter filter) {
    const double factor = std::min(static_cast<double>(width) / planes.width, static_cast<double>(height) / planes.height);
    return resize_planes(planes, std::min(width, scaled(planes.width, factor)), std::min(height, scaled(planes.height, factor)), filter);
}

}  // namespace clipig
