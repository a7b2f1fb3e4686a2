#include "data_backdrops.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace clipig::mini {
namespace {

Rgb any_colour(Random& random) { return from_hsv(random.uniform(0, 360), random.uniform(0, 1), random.uniform(0.1, 1)); }

/// A share 0..1 with an edge that is `soft` wide around .5 of a triangular wave.
double band(double phase, double soft) {
    const double wave = std::abs(2 * (phase - std::floor(phase)) - 1);
    return std::clamp((wave - 0.5) / soft + 0.5, 0.0, 1.0);
}

/// Everything about one surface that is chosen once, so that a pixel costs little.
class Painter {
public:
    Painter(Surface surface, int first, int second, Random& random) : surface_(surface), noise_(random) {
        angle_ = random.uniform(0, 2 * std::numbers::pi);
        scale_ = std::exp(random.uniform(std::log(3.0), std::log(9.0)));
        shift_x_ = random.uniform(0, 30);
        shift_y_ = random.uniform(0, 30);
        first_ = first >= 0 ? shade_of(first, random) : any_colour(random);
        second_ = second >= 0 ? shade_of(second, random) : any_colour(random);
        choose(random);
    }

    /// x, y 0..1 over the picture; y from the top of the surface.
    [[nodiscard]] Rgb operator()(double x, double y) const {
        if (is_pattern(surface_)) return mix(first_, second_, pattern(x, y));
        if (is_ground(surface_)) return ground(x, y);
        if (is_sky(surface_)) return sky(x, y);
        switch (surface_) {
            case Surface::gradient:
                return mix(first_, second_, std::clamp(0.5 + (x - 0.5) * std::cos(angle_) + (y - 0.5) * std::sin(angle_), 0.0, 1.0));
            case Surface::clutter: {
                const double a = noise_.octaves(x * scale_ + shift_x_, y * scale_ + shift_y_, 3);
                const double b = noise_.octaves(y * scale_ + shift_y_ + 11, x * scale_ + shift_x_, 2);
                return mix(mix(first_, second_, std::clamp(2.5 * a - 0.75, 0.0, 1.0)), third_, std::clamp(3.0 * b - 1.3, 0.0, 1.0));
            }
            default: return first_;
        }
    }

private:
    void choose(Random& random) {
        const auto hsv = [&](double h0, double h1, double s0, double s1, double v0, double v1) {
            const double hue = random.uniform(h0, h1), saturation = random.uniform(s0, s1);
            return from_hsv(hue, saturation, random.uniform(v0, v1));
        };
        third_ = any_colour(random);
        switch (surface_) {
            case Surface::dark: first_ = hsv(0, 360, 0, 0.6, 0, 0.2); break;
            case Surface::grass: first_ = hsv(85, 130, .55, .9, .3, .5), second_ = hsv(75, 115, .5, .85, .55, .85); break;
            case Surface::sand: first_ = hsv(32, 44, .3, .5, .7, .85), second_ = hsv(35, 48, .2, .4, .85, 1); break;
            case Surface::water: first_ = hsv(190, 220, .6, .95, .4, .65), second_ = hsv(180, 210, .3, .6, .75, 1); break;
            case Surface::snow: first_ = hsv(200, 225, .05, .15, .82, .92), second_ = hsv(200, 225, 0, .05, .95, 1); break;
            case Surface::stone: first_ = hsv(0, 360, 0, .1, .25, .45), second_ = hsv(0, 360, 0, .1, .5, .75); break;
            case Surface::wood: first_ = hsv(18, 30, .5, .75, .25, .45), second_ = hsv(22, 34, .45, .7, .5, .75); break;
            case Surface::bricks: first_ = hsv(5, 18, .55, .8, .45, .7), second_ = hsv(20, 40, .05, .2, .65, .85); break;
            case Surface::leaves: first_ = hsv(95, 140, .6, .95, .15, .35), second_ = hsv(80, 130, .5, .9, .4, .75); break;
            case Surface::blue_sky: first_ = hsv(200, 220, .5, .8, .75, .95), second_ = hsv(195, 215, .15, .35, .9, 1); break;
            case Surface::cloudy_sky: first_ = hsv(200, 220, .35, .65, .7, .95), second_ = hsv(200, 220, 0, .06, .9, 1); break;
            case Surface::night_sky: first_ = hsv(220, 255, .5, .9, .05, .2), second_ = hsv(220, 260, .4, .8, .1, .3); break;
            case Surface::sunset_sky: first_ = hsv(260, 330, .3, .6, .4, .7), second_ = hsv(15, 40, .7, .95, .9, 1); break;
            default: break;
        }
    }

    [[nodiscard]] double pattern(double x, double y) const {
        const double soft = scale_ / 40;
        switch (surface_) {
            case Surface::stripes_across: return band(y * scale_ * 0.6 + shift_x_, soft);
            case Surface::stripes_down: return band(x * scale_ * 0.6 + shift_x_, soft);
            case Surface::stripes_slanted: return band((x + (angle_ > 3 ? y : -y)) * scale_ * 0.5 + shift_x_, soft);
            case Surface::dots: {
                const double u = x * scale_ + shift_x_, v = y * scale_ + shift_y_;
                const double row = std::floor(v), offset = angle_ > 3 && std::fmod(row, 2.0) >= 1 ? 0.5 : 0.0;
                const double distance = std::hypot(u + offset - std::floor(u + offset) - 0.5, v - row - 0.5);
                return std::clamp((0.32 - distance) * 10 + 0.5, 0.0, 1.0);
            }
            case Surface::checks: {
                const double u = band(x * scale_ * 0.5 + shift_x_, soft), v = band(y * scale_ * 0.5 + shift_y_, soft);
                return u * (1 - v) + v * (1 - u);
            }
            case Surface::rings: return band(std::hypot(x - 0.5, y - 0.5) * scale_ + shift_x_, soft);
            default: return band(y * scale_ * 0.6 + 0.35 * std::sin(x * scale_ * 2 + shift_y_) + shift_x_, soft);
        }
    }

    [[nodiscard]] Rgb ground(double x, double y) const {
        const auto noise = [&](double across, double down, int octaves) {
            return noise_.octaves(x * across + shift_x_, y * down + shift_y_, octaves);
        };
        const auto spread = [](float value, double strength) {
            return std::clamp((static_cast<double>(value) - 0.5) * strength + 0.5, 0.0, 1.0);
        };
        switch (surface_) {
            case Surface::grass: return mix(first_, second_, spread(noise(26, 7, 2), 2.2));  // blades stand upright
            case Surface::sand: return mix(first_, second_, spread(noise(24, 24, 2), 1.2));
            case Surface::water: return mix(first_, second_, spread(noise(4, 18, 2), 2.4));  // waves lie
            case Surface::snow: return mix(first_, second_, spread(noise(5, 7, 2), 1.5));
            case Surface::stone: return mix(first_, second_, spread(noise(8, 8, 4), 2));
            case Surface::wood: return mix(first_, second_, spread(noise(2, 22, 2), 2));  // the grain lies, too
            case Surface::leaves: return mix(first_, second_, spread(noise(9, 9, 2), 3));
            default: break;
        }
        const double row = std::floor(y * scale_ * 1.3 + shift_y_), u = x * scale_ * 0.7 + shift_x_ + (std::fmod(row, 2.0) >= 1 ? 0.5 : 0);
        const double v = y * scale_ * 1.3 + shift_y_ - row, joint = u - std::floor(u) < 0.1 || v < 0.18 ? 1 : 0;
        return mix(mix(first_, {0.35F, 0.12F, 0.08F}, 0.35 * static_cast<double>(noise_(std::floor(u) + 0.5, row + 0.5))), second_, joint);
    }

    [[nodiscard]] Rgb sky(double x, double y) const {
        const float clouds = noise_.octaves(x * 4 + shift_x_, y * 7 + shift_y_, 3);
        switch (surface_) {
            case Surface::cloudy_sky: return mix(first_, second_, std::clamp((static_cast<double>(clouds) - 0.45) * 5, 0.0, 1.0));
            case Surface::night_sky: {
                const double u = x * 14 + shift_x_, v = y * 14 + shift_y_;
                const float star = noise_(std::floor(u) + 0.5, std::floor(v) + 0.5);
                const double distance = std::hypot(u - std::floor(u) - 0.5, v - std::floor(v) - 0.5);
                return mix(mix(first_, second_, y), {1, 1, 0.9F}, star > 0.68F ? std::clamp(1.2 - 4 * distance, 0.0, 1.0) : 0);
            }
            default: return mix(first_, second_, std::clamp(y, 0.0, 1.0));
        }
    }

    Surface surface_;
    Noise noise_;
    double angle_ = 0, scale_ = 0, shift_x_ = 0, shift_y_ = 0;
    Rgb first_{}, second_{}, third_{};
};

}  // namespace

void draw_backdrop(const Canvas& canvas, const Backdrop& backdrop, Random& random) {
    const Painter lower(backdrop.surface, backdrop.first, backdrop.second, random);
    const bool split = backdrop.sky != Surface::count;
    const Painter upper(split ? backdrop.sky : backdrop.surface, -1, -1, random);
    const auto side = static_cast<double>(canvas.side);
    for (std::int64_t y = 0; y < canvas.side; ++y) {
        const double down = (static_cast<double>(y) + 0.5) / side;
        for (std::int64_t x = 0; x < canvas.side; ++x) {
            const double across = (static_cast<double>(x) + 0.5) / side;
            canvas.put(y, x, split && down < backdrop.horizon ? upper(across, down / backdrop.horizon) : lower(across, down), 1);
        }
    }
}

void disturb(const Canvas& canvas, double strength, Random& random) {
    const double contrast = 1 + strength * random.uniform(-0.3, 0.15), brightness = strength * random.uniform(-0.12, 0.12);
    const double noise = random.uniform() < 0.3 ? strength * random.uniform(0, 0.06) : 0;
    const double tint = random.uniform() < 0.25 ? strength * random.uniform(0, 0.3) : 0;
    const Noise blobs(random);
    const Rgb colour = any_colour(random);
    const std::int64_t area = canvas.side * canvas.side;
    const double scale = random.uniform(2, 6) / static_cast<double>(canvas.side);
    for (std::int64_t i = 0; i < area; ++i) {
        const double share = tint > 0 ? tint * static_cast<double>(blobs(static_cast<double>(i % canvas.side) * scale,
                                                                         static_cast<double>(i / canvas.side) * scale))
                                      : 0;
        for (std::int64_t c = 0; c < 3; ++c) {
            float& pixel = canvas.pixels[c * area + i];
            double value = (static_cast<double>(pixel) - 0.5) * contrast + 0.5 + brightness;
            value += share * (static_cast<double>(colour[static_cast<std::size_t>(c)]) - value);
            if (noise > 0) value += noise * random.normal();
            pixel = static_cast<float>(std::clamp(value, 0.0, 1.0));
        }
    }
}

}  // namespace clipig::mini
