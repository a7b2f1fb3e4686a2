// Pictures of the outside as the views that a model was trained on.
#pragma once

#include "image/picture.h"
#include "towers/clip_model.h"

namespace clipig {

/// [1,3,S,S] sRGB 0..1, float32 on the model's device: resized, cropped or squashed as the model's own preprocessing does, in 8 bits.
[[nodiscard]] Tensor picture_view(const Picture& picture, const ClipModel& model);

}  // namespace clipig
