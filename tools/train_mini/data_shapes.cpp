#include "data_shapes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace clipig::mini {
namespace {

/// Ranges of hue (degrees), saturation and value.
struct Shades {
    std::string_view name;
    double hue[2], saturation[2], value[2];
};
constexpr std::array<Shades, 12> kShades{{{"red", {-10, 8}, {.8, 1}, {.65, 1}},
                                          {"orange", {22, 35}, {.8, 1}, {.9, 1}},
                                          {"yellow", {48, 60}, {.65, 1}, {.88, 1}},
                                          {"green", {90, 150}, {.5, 1}, {.35, .9}},
                                          {"turquoise", {168, 185}, {.55, 1}, {.6, .95}},
                                          {"blue", {205, 240}, {.6, 1}, {.45, 1}},
                                          {"purple", {265, 292}, {.5, 1}, {.4, .9}},
                                          {"pink", {315, 348}, {.3, .65}, {.88, 1}},
                                          {"brown", {16, 32}, {.5, .8}, {.3, .58}},
                                          {"black", {0, 360}, {0, .3}, {0, .12}},
                                          {"white", {0, 360}, {0, .04}, {.93, 1}},
                                          {"gray", {0, 360}, {0, .06}, {.35, .72}}}};

constexpr std::array<std::string_view, 14> kShapes{"circle", "square", "triangle",  "star",    "heart",    "ring",     "diamond",
                                                   "cross",  "oval",   "rectangle", "hexagon", "crescent", "pentagon", "half circle"};

double box(double x, double y, double half_width, double half_height) {
    return std::max(std::abs(x) - half_width, std::abs(y) - half_height);
}

/// Inside of a regular polygon with a corner at the top, of this radius.
double polygon(double x, double y, int corners, double radius) {
    const double sector = 2 * std::numbers::pi / corners;
    double angle = std::fmod(std::atan2(x, -y) + 4 * std::numbers::pi, sector);
    angle = std::abs(angle - sector / 2);
    return std::hypot(x, y) * std::cos(angle) - radius * std::cos(sector / 2);
}

double star(double x, double y) {
    const double sector = 2 * std::numbers::pi / 5;
    double angle = std::fmod(std::atan2(x, -y) + 4 * std::numbers::pi, sector);
    angle = std::min(angle, sector - angle);
    // the edge from the tip (radius .5, angle 0) to the notch (radius .2, half a sector)
    const double notch_x = 0.2 * std::cos(sector / 2), notch_y = 0.2 * std::sin(sector / 2);
    const double length = std::hypot(x, y), px = length * std::cos(angle), py = length * std::sin(angle);
    const double ex = notch_x - 0.5, ey = notch_y;
    return (ey * (px - 0.5) - ex * py) / std::hypot(ex, ey);
}

double heart(double x, double y) {
    const double ax = std::abs(x), down = y + 0.02;
    const double lobe = std::hypot(ax - 0.24, down + 0.18) - 0.26;
    const double point = std::max((ax * 0.72 + (down - 0.46) * 0.69), -down - 0.1);  // the wedge below
    return std::min(lobe, std::max(point, -down - 0.18));
}

/// Distance to the edge, about, in units of the box; negative inside. x to the right, y downwards, the box is -.5 to .5.
double distance(int shape, double x, double y) {
    switch (shape) {
        case 0: return std::hypot(x, y) - 0.5;
        case 1: return box(x, y, 0.44, 0.44);
        case 2: return polygon(x, y - 0.1, 3, 0.56);
        case 3: return star(x, y);
        case 4: return heart(x, y);
        case 5: return std::abs(std::hypot(x, y) - 0.38) - 0.12;
        case 6: return (std::abs(x) * 1.3 + std::abs(y) - 0.5) * 0.65;
        case 7: return std::min(box(x, y, 0.15, 0.5), box(x, y, 0.5, 0.15));
        case 8: return (std::hypot(x, 1.6 * y) - 0.5) * 0.8;
        case 9: return box(x, y, 0.5, 0.28);
        case 10: return polygon(x, y, 6, 0.5);
        case 11: return std::max(std::hypot(x, y) - 0.5, 0.42 - std::hypot(x - 0.22, y));
        case 12: return polygon(x, y, 5, 0.5);
        default: return std::max(std::hypot(x, y - 0.2) - 0.5, y - 0.2);
    }
}

template <std::size_t N>
std::array<std::string_view, N> names(const std::array<Shades, N>& shades) {
    std::array<std::string_view, N> list;
    for (std::size_t i = 0; i < N; ++i) list[i] = shades[i].name;
    return list;
}

}  // namespace

std::span<const std::string_view> colour_names() {
    static const auto kNames = names(kShades);
    return kNames;
}

Rgb shade_of(int colour, Random& random) {
    const Shades& s = kShades.at(static_cast<std::size_t>(colour));
    const double hue = random.uniform(s.hue[0], s.hue[1]), saturation = random.uniform(s.saturation[0], s.saturation[1]);
    return from_hsv(hue + 360, saturation, random.uniform(s.value[0], s.value[1]));
}

std::span<const std::string_view> shape_names() { return kShapes; }

void draw_shape(const Canvas& canvas, int shape, const Rgb& colour, const Pose& pose) {
    const auto side = static_cast<double>(canvas.side);
    const double c = std::cos(pose.angle) / pose.size, s = std::sin(pose.angle) / pose.size, pixel = 1 / (pose.size * side);
    const auto bound = [&](double value) { return std::clamp<std::int64_t>(std::llround(value * side), 0, canvas.side); };
    const double reach = 0.8 * pose.size;
    for (std::int64_t y = bound(pose.y - reach); y < bound(pose.y + reach); ++y) {
        for (std::int64_t x = bound(pose.x - reach); x < bound(pose.x + reach); ++x) {
            const double dx = (static_cast<double>(x) + 0.5) / side - pose.x, dy = (static_cast<double>(y) + 0.5) / side - pose.y;
            const double u = (c * dx + s * dy) * (pose.mirrored ? -1 : 1), v = c * dy - s * dx;
            const double cover = std::clamp(0.5 - distance(shape, u, v) / pixel, 0.0, 1.0);
            if (cover > 0) canvas.put(y, x, colour, static_cast<float>(cover));
        }
    }
}

}  // namespace clipig::mini
