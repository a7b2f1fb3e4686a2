// Moves the picture between epochs: zoom, turn and shift, composed and sampled once (section `animate`).
#pragma once

#include <string>

#include "engine/frame.h"
#include "ops/fields.h"
#include "ops/optimizer.h"
#include "ops/pixel_model.h"
#include "ops/tensor.h"

namespace clipig {

/// One move. Lengths are parts of the picture's width and height, so that it fits pictures of any size.
struct Motion {
    double zoom = 1;     ///< above 1: things grow
    double degrees = 0;  ///< counter-clockwise
    Real2 shift{};       ///< to the right, down; after the others
    Real2 centre{.5, .5};
    std::string border = "mirror";  ///< mirror, wrap, edge or black
    std::string interpolation = "cubic";
};

/// pictures [N,C,h,w], float or double -> the same shape. A zoom of 1 without a turn and with a shift by whole pixels moves pixels exactly.
/// Not differentiable.
[[nodiscard]] Tensor moved(const Tensor& pictures, const Motion& motion);

/// Makes the move of this epoch, if there is one: the picture is moved and taken over again by its parametrisation (set_image), the
/// optimiser's state moves along where it is a picture, with linear interpolation; black borders are the edge's values there. `average`,
/// the running average of pictures, moves as the picture where it is defined. Nothing moves in epoch 0. Throws ConfigError for an
/// expression that fails.
void animate(const Settings& settings, const Frame& frame, PixelModel& pixels, Optimizer& optimizer, Tensor& average);

}  // namespace clipig
