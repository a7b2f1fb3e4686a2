// Resampling of float planes, without gradients: for start pictures and previews.
#pragma once

#include "image/picture.h"
#include "image/resample_weights.h"

namespace clipig {

/// To width x height (both at least 1). Values are not clamped: bicubic may leave 0..1 by a little.
[[nodiscard]] Planes resize_planes(const Planes& planes, int width, int height, Filter filter = Filter::bicubic, bool antialias = true);

/// Scaled until it covers width x height, proportions kept; what stands over is cut off evenly on both sides.
[[nodiscard]] Planes cover_planes(const Planes& planes, int width, int height, Filter filter = Filter::bicubic);

/// Scaled until it fits inside width x height, proportions kept. The result may be smaller than asked for in one direction.
[[nodiscard]] Planes fit_planes(const Planes& planes, int width, int height, Filter filter = Filter::bicubic);

}  // namespace clipig
