// What is behind the things: plain colours, patterns, grounds, skies.
#pragma once

#include "data_shapes.h"

namespace clipig::mini {

enum class Surface {
    plain,
    dark,
    gradient,
    clutter,  ///< dark: any colour, nearly black; clutter: unnamed noise
    stripes_across,
    stripes_down,
    stripes_slanted,
    dots,
    checks,
    rings,
    waves,  ///< two named colours
    grass,
    sand,
    water,
    snow,
    stone,
    wood,
    bricks,
    leaves,  ///< grounds
    blue_sky,
    cloudy_sky,
    night_sky,
    sunset_sky,  ///< skies
    count
};

struct Backdrop {
    Surface surface = Surface::plain;
    int first = -1, second = -1;   ///< named colours of plain, gradient and patterns; -1: any colour, which no caption names
    Surface sky = Surface::count;  ///< above the horizon; count: there is none
    double horizon = 0;            ///< from the top, 0..1
};

[[nodiscard]] inline bool is_pattern(Surface s) { return s >= Surface::stripes_across && s <= Surface::waves; }
[[nodiscard]] inline bool is_ground(Surface s) { return s >= Surface::grass && s <= Surface::leaves; }
[[nodiscard]] inline bool is_sky(Surface s) { return s >= Surface::blue_sky && s <= Surface::sunset_sky; }

/// Fills the canvas. Shades, sizes, angles are drawn from `random`.
void draw_backdrop(const Canvas& canvas, const Backdrop& backdrop, Random& random);

/// Brightness, contrast, tint in large blobs, noise: what happens to a picture as a whole. Values end in 0..1.
void disturb(const Canvas& canvas, double strength, Random& random);

}  // namespace clipig::mini
