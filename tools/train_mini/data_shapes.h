// Named colours, and drawn things: flat shapes.
#pragma once

#include <span>
#include <string_view>

#include "canvas.h"

namespace clipig::mini {

[[nodiscard]] std::span<const std::string_view> colour_names();
/// A shade that people call by this name.
[[nodiscard]] Rgb shade_of(int colour, Random& random);

[[nodiscard]] std::span<const std::string_view> shape_names();
/// A filled shape with soft edges; the box of the pose is touched by its longer side.
void draw_shape(const Canvas& canvas, int shape, const Rgb& colour, const Pose& pose);

}  // namespace clipig::mini
