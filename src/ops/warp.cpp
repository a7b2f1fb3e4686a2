#include "ops/warp.h"

#include "ops/colour.h"
#include "ops/device_copy.h"
#include "ops/geometry.h"

namespace clipig {

Tensor warp(const Tensor& images, const Tensor& positions, const std::string& border) {
    const Outside outside = outside_named(border);
    const std::int64_t linear = 0, padding = outside == Outside::fill ? 0 : outside == Outside::edge ? 1 : 2;
    const Tensor grid = copy_to_device(positions * 2 - 1, images.options()).contiguous();
    return at::grid_sampler_2d(repeat_views(images, positions.size(0)), grid, linear, padding, /*align_corners=*/false);
}

Tensor resting_positions(std::int64_t height, std::int64_t width) {
    const auto centres = [](std::int64_t length) { return (at::arange(length, at::kDouble) + .5) / static_cast<double>(length); };
    const Tensor x = centres(width).view({1, width}).expand({height, width}), y = centres(height).view({height, 1}).expand({height, width});
    return at::stack({x, y}, -1).unsqueeze(0);
}

Tensor view_numbers(const std::vector<double>& numbers, const Tensor& like) {
    return copy_to_device(at::tensor(numbers, at::kDouble), like.options()).view({-1, 1, 1, 1});
}

std::vector<double> drawn_numbers(const ViewRandom& random, const Real2& bounds, double p, double otherwise) {
    std::vector<double> numbers;
    for (std::int64_t view = 0; view < random.views; ++view) {
        Random stream = random.stream(view);
        const double number = stream.uniform(bounds[0], bounds[1]);
        numbers.push_back(p >= 1 || stream.uniform() < p ? number : otherwise);
    }
    return numbers;
}

}  // namespace clipig
