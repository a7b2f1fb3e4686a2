// A small square picture that scenes are drawn on, and what is drawn with.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/random.h"

namespace clipig::mini {

using Rgb = std::array<float, 3>;  ///< sRGB 0..1

/// side x side pixels, planes one after the other.
struct Canvas {
    std::int64_t side;
    float* pixels;  ///< [3,side,side]
    void put(std::int64_t y, std::int64_t x, const Rgb& colour, float cover) const {
        for (std::int64_t c = 0; c < 3; ++c) {
            float& value = pixels[(c * side + y) * side + x];
            value += cover * (colour[static_cast<std::size_t>(c)] - value);
        }
    }
};

/// Where a thing stands, in units of the side: its centre, the side of its box, and how it is turned (radians) and mirrored.
struct Pose {
    double x = 0.5, y = 0.5, size = 0.8, angle = 0;
    bool mirrored = false;
};

/// A picture with transparency in halving sizes, so that small copies are not jagged. Premultiplied RGBA bytes.
class Sprite {
public:
    /// rgba: premultiplied, height rows of width pixels.
    Sprite(std::int64_t width, std::int64_t height, std::vector<std::uint8_t> rgba);
    /// The longer side fills the pose's box.
    void draw(const Canvas& canvas, const Pose& pose) const;

private:
    struct Level {
        std::int64_t width, height;
        std::vector<std::uint8_t> rgba;
        [[nodiscard]] std::array<float, 4> sample(double x, double y) const;
    };
    std::vector<Level> levels_;
};

/// Smooth noise with values 0..1 that has one feature per unit of length and repeats after 32.
class Noise {
public:
    explicit Noise(Random& random);
    [[nodiscard]] float operator()(double x, double y) const;
    /// A sum of octaves, each twice as fine and half as strong; 0..1.
    [[nodiscard]] float octaves(double x, double y, int count) const;

private:
    static constexpr int kSize = 32;
    std::array<float, kSize * kSize> values_{};
};

/// Hue in degrees (any), saturation and value 0..1.
[[nodiscard]] Rgb from_hsv(double hue, double saturation, double value);
[[nodiscard]] Rgb mix(const Rgb& a, const Rgb& b, double share);

}  // namespace clipig::mini
