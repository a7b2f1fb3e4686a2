#include "canvas.h"

#include <algorithm>
#include <cmath>

namespace clipig::mini {

Sprite::Sprite(std::int64_t width, std::int64_t height, std::vector<std::uint8_t> rgba) {
    levels_.push_back({width, height, std::move(rgba)});
    while (levels_.back().width > 12) {
        const Level& from = levels_.back();
        Level to{from.width / 2, from.height / 2, {}};
        to.rgba.resize(static_cast<std::size_t>(4 * to.width * to.height));
        for (std::int64_t y = 0; y < to.height; ++y) {
            for (std::int64_t x = 0; x < 4 * to.width; ++x) {
                const std::int64_t at = (2 * y * from.width + 2 * (x / 4)) * 4 + x % 4, below = at + 4 * from.width;
                const auto value = [&](std::int64_t i) { return static_cast<int>(from.rgba[static_cast<std::size_t>(i)]); };
                to.rgba[static_cast<std::size_t>(4 * y * to.width + x)] =
                    static_cast<std::uint8_t>((value(at) + value(at + 4) + value(below) + value(below + 4) + 2) / 4);
            }
        }
        levels_.push_back(std::move(to));
    }
}

std::array<float, 4> Sprite::Level::sample(double x, double y) const {
    std::array<float, 4> sum{};
    const double left = std::floor(x - 0.5), top = std::floor(y - 0.5);
    const double fx = x - 0.5 - left, fy = y - 0.5 - top;
    for (int dy = 0; dy < 2; ++dy) {
        for (int dx = 0; dx < 2; ++dx) {
            const auto column = static_cast<std::int64_t>(left) + dx, row = static_cast<std::int64_t>(top) + dy;
            if (column < 0 || row < 0 || column >= width || row >= height) continue;
            const auto share = static_cast<float>((dx == 1 ? fx : 1 - fx) * (dy == 1 ? fy : 1 - fy) / 255);
            const std::uint8_t* at = rgba.data() + 4 * (row * width + column);
            for (std::size_t c = 0; c < 4; ++c) sum[c] += share * static_cast<float>(at[c]);
        }
    }
    return sum;
}

void Sprite::draw(const Canvas& canvas, const Pose& pose) const {
    const auto side = static_cast<double>(canvas.side);
    const auto longest = static_cast<double>(std::max(levels_[0].width, levels_[0].height));
    double step = longest / (pose.size * side);  // pixels of the sprite for one of the canvas
    std::size_t index = 0;
    for (; index + 1 < levels_.size() && step > 1.5; ++index) step /= 2;
    const Level& level = levels_[index];
    const double c = std::cos(pose.angle) * step, s = std::sin(pose.angle) * step, reach = 0.75 * pose.size * side;
    const auto bound = [&](double value) { return std::clamp<std::int64_t>(std::llround(value), 0, canvas.side); };
    for (std::int64_t y = bound(pose.y * side - reach); y < bound(pose.y * side + reach); ++y) {
        for (std::int64_t x = bound(pose.x * side - reach); x < bound(pose.x * side + reach); ++x) {
            const double dx = static_cast<double>(x) + 0.5 - pose.x * side, dy = static_cast<double>(y) + 0.5 - pose.y * side;
            const double u = (c * dx + s * dy) * (pose.mirrored ? -1 : 1), v = c * dy - s * dx;
            const auto rgba = level.sample(u + static_cast<double>(level.width) / 2, v + static_cast<double>(level.height) / 2);
            if (rgba[3] < 1e-3F) continue;
            canvas.put(y, x, {rgba[0] / rgba[3], rgba[1] / rgba[3], rgba[2] / rgba[3]}, std::min(1.0F, rgba[3]));
        }
    }
}

Noise::Noise(Random& random) {
    for (float& value : values_) value = static_cast<float>(random.bits() >> 8) / static_cast<float>(1 << 24);
}

float Noise::operator()(double x, double y) const {
    const double left = std::floor(x), top = std::floor(y);
    const auto ease = [](double t) { return static_cast<float>(t * t * (3 - 2 * t)); };
    const float fx = ease(x - left), fy = ease(y - top);
    const auto at = [&](int dx, int dy) {
        const int column = (static_cast<int>(left) + dx) & (kSize - 1), row = (static_cast<int>(top) + dy) & (kSize - 1);
        return values_[static_cast<std::size_t>(row * kSize + column)];
    };
    const float above = at(0, 0) + fx * (at(1, 0) - at(0, 0)), below = at(0, 1) + fx * (at(1, 1) - at(0, 1));
    return above + fy * (below - above);
}

float Noise::octaves(double x, double y, int count) const {
    float sum = 0, total = 0, weight = 1;
    for (int i = 0; i < count; ++i, weight /= 2, x = 2 * x + 7, y = 2 * y + 3) {
        sum += weight * (*this)(x, y);
        total += weight;
    }
    return sum / total;
}

Rgb from_hsv(double hue, double saturation, double value) {
    Rgb rgb{};
    for (std::size_t c = 0; c < 3; ++c) {
        const double k = std::fmod(hue / 60 + (c == 0 ? 5 : c == 1 ? 3 : 1) + 12, 6.0);
        rgb[c] = static_cast<float>(value - value * saturation * std::clamp(std::min(k, 4 - k), 0.0, 1.0));
    }
    return rgb;
}

Rgb mix(const Rgb& a, const Rgb& b, double share) {
    Rgb rgb{};
    for (std::size_t c = 0; c < 3; ++c) rgb[c] = a[c] + static_cast<float>(share) * (b[c] - a[c]);
    return rgb;
}

}  // namespace clipig::mini
