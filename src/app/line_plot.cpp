#include "app/line_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "image/font.h"

namespace clipig {
namespace {

using Colour = std::array<std::uint8_t, 3>;

// P. Tol's "bright" scheme, which colour-blind readers can tell apart: https://personal.sron.nl/~pault/
constexpr std::array<Colour, 6> kColours{{{68, 119, 170}, {238, 102, 119}, {34, 136, 51}, {204, 187, 68}, {102, 204, 238}, {170, 51, 119}}};
constexpr Colour kInk{40, 40, 40};
constexpr Colour kGrid{225, 225, 225};
constexpr int kLeft = 70, kRight = 16, kTop = 22, kBottom = 22;
constexpr int kTicks = 5;

struct Box {
    int left, top, width, height;
};

struct Range {
    double low = 0, high = 1;
    [[nodiscard]] double part(double value) const { return (value - low) / (high - low); }
};

/// 1, 2 or 5 times a power of ten, so that about kTicks steps cover the range.
double tick_step(const Range& range) {
    const double raw = (range.high - range.low) / kTicks;
    const double power = std::pow(10, std::floor(std::log10(raw)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (raw <= factor * power * (1 + 1e-9)) return factor * power;
    }
    return 10 * power;
}

/// Never empty, and without a value it is 0..1.
Range range_of(const std::vector<Curve>& curves) {
    Range range{INFINITY, -INFINITY};
    for (const Curve& curve : curves) {
        for (const double y : curve.y) {
            if (!std::isfinite(y)) continue;
            range.low = std::min(range.low, y);
            range.high = std::max(range.high, y);
        }
    }
    if (range.low > range.high) return {0, 1};
    const double margin = range.high > range.low ? 0.05 * (range.high - range.low) : std::max(std::abs(range.high) * 0.05, 1e-3);
    return {range.low - margin, range.high + margin};
}

void dot(Picture& picture, int x, int y, const Colour& colour) {
    if (x < 0 || y < 0 || x >= picture.width || y >= picture.height) return;
    const std::size_t first = (static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width) + static_cast<std::size_t>(x)) * 3;
    for (std::size_t c = 0; c < 3; ++c) picture.samples[first + c] = colour[c];
}

/// A line of `thickness` pixels.
void line(Picture& picture, double x0, double y0, double x1, double y1, const Colour& colour, int thickness = 1) {
    const int steps = std::max(1, static_cast<int>(std::ceil(std::max(std::abs(x1 - x0), std::abs(y1 - y0)))));
    for (int i = 0; i <= steps; ++i) {
        const double t = static_cast<double>(i) / steps;
        const int x = static_cast<int>(std::lround(x0 + t * (x1 - x0)));
        const int y = static_cast<int>(std::lround(y0 + t * (y1 - y0)));
        for (int a = 0; a < thickness; ++a) {
            for (int b = 0; b < thickness; ++b) dot(picture, x + a, y + b, colour);
        }
    }
}

void label(Picture& picture, int left, int top, const std::string& text, const Colour& colour = kInk) {
    draw_text(picture, left, top, text, colour);
}

int text_width(const std::string& text) { return static_cast<int>(text.size()) * kGlyphWidth; }

void draw_axes(Picture& picture, const Box& box, const Range& x, const Range& y, bool with_x) {
    const double y_step = tick_step(y);
    for (int i = 0; i < 2 * kTicks; ++i) {
        const double value = (std::ceil(y.low / y_step) + i) * y_step;
        if (!(value <= y.high)) break;
        const double at = box.top + box.height * (1 - y.part(value));
        line(picture, box.left, at, box.left + box.width, at, kGrid);
        const std::string text = fmt::format("{:.4g}", std::abs(value) < y_step / 1e6 ? 0 : value);
        label(picture, box.left - 6 - text_width(text), static_cast<int>(at) - 3, text);
    }
    const double x_step = std::max(1.0, tick_step(x));
    for (int i = 0; i < 2 * kTicks; ++i) {
        const double value = (std::ceil(x.low / x_step) + i) * x_step;
        if (!(value <= x.high)) break;
        const double at = box.left + box.width * x.part(value);
        line(picture, at, box.top, at, box.top + box.height, kGrid);
        const std::string text = fmt::format("{:g}", value);
        if (with_x) label(picture, static_cast<int>(at) - text_width(text) / 2, box.top + box.height + 5, text);
    }
    line(picture, box.left, box.top, box.left, box.top + box.height, kInk);
    line(picture, box.left, box.top + box.height, box.left + box.width, box.top + box.height, kInk);
}

void draw_curve(Picture& picture, const Box& box, const Range& x_range, const Range& y_range, const std::vector<double>& x,
                const Curve& curve, const Colour& colour) {
    double last_x = 0, last_y = std::numeric_limits<double>::quiet_NaN();
    for (std::size_t i = 0; i < std::min(x.size(), curve.y.size()); ++i) {
        const double px = box.left + box.width * x_range.part(x[i]);
        const double py =
            std::isfinite(curve.y[i]) ? box.top + box.height * (1 - y_range.part(curve.y[i])) : std::numeric_limits<double>::quiet_NaN();
        if (std::isfinite(py)) line(picture, std::isfinite(last_y) ? last_x : px, std::isfinite(last_y) ? last_y : py, px, py, colour, 2);
        last_x = px;
        last_y = py;
    }
}

/// Names of the curves above the panel, as many as there is room for.
void draw_legend(Picture& picture, const Box& box, const Panel& panel) {
    int left = box.left;
    label(picture, left, box.top - 14, panel.title);
    left += text_width(panel.title) + 18;
    for (std::size_t i = 0; i < panel.curves.size() && panel.curves.size() > 1; ++i) {
        std::string name = panel.curves[i].name.substr(0, 40);
        if (left + text_width(name) + 14 > box.left + box.width) {
            label(picture, left, box.top - 14, "...");
            return;
        }
        const Colour& colour = kColours[i % kColours.size()];
        line(picture, left, box.top - 11, left + 8, box.top - 11, colour, 3);
        label(picture, left + 12, box.top - 14, name, colour);
        left += 12 + text_width(name) + 14;
    }
}

}  // namespace

Picture line_plot(const std::vector<double>& x, const std::string& x_name, const std::vector<Panel>& panels, int width, int height) {
    Picture picture;
    picture.width = width;
    picture.height = height;
    picture.samples.assign(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3, 255);
    const Range x_range = range_of({{"", {x.front(), x.back()}}});
    const Range exact{x.front(), x.back() > x.front() ? x.back() : x_range.high};
    const int count = static_cast<int>(panels.size());
    const int panel_height = std::max(10, (height - kBottom) / std::max(1, count));
    for (int i = 0; i < count; ++i) {
        const Panel& panel = panels[static_cast<std::size_t>(i)];
        const Box box{kLeft, i * panel_height + kTop, width - kLeft - kRight, panel_height - kTop - 8};
        const Range y_range = range_of(panel.curves);
        draw_axes(picture, box, exact, y_range, i + 1 == count);
        draw_legend(picture, box, panel);
        for (std::size_t k = 0; k < panel.curves.size(); ++k) {
            draw_curve(picture, box, exact, y_range, x, panel.curves[k], kColours[k % kColours.size()]);
        }
    }
    label(picture, width - kRight - text_width(x_name), height - 9, x_name);
    return picture;
}

}  // namespace clipig
