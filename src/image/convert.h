// Between the forms that a picture has: channels, depth, floats; and parts of it.
#pragma once

#include "image/picture.h"

namespace clipig {

/// 8-bit RGB as Pillow's convert("RGB"): alpha is dropped (not composited), grey is tripled, 16 bits become their high byte (v >> 8).
[[nodiscard]] Picture to_rgb(const Picture& picture);

/// Without the last channel when that is alpha; depth stays.
[[nodiscard]] Picture without_alpha(const Picture& picture);

/// Samples scaled to 8 or 16 bits, rounded half up: 16 to 8 is (v + 128) / 257, 8 to 16 is v * 257. The way back gives the same 8 bits.
[[nodiscard]] Picture to_depth(const Picture& picture, int depth);

/// 0..1 from 8 or 16 bits at full precision. Alpha is dropped, grey is tripled. Text is lost.
[[nodiscard]] Planes to_planes(const Picture& picture);

/// RGB of 8 or 16 bits: clamped to 0..1 (NaN becomes 0), scaled, rounded half up.
[[nodiscard]] Picture from_planes(const Planes& planes, int depth = 8);

/// The part that starts at (left, top), which may be negative. What lies outside is 0, as in torchvision's CenterCrop.
[[nodiscard]] Picture crop(const Picture& picture, int left, int top, int width, int height);
[[nodiscard]] Planes crop(const Planes& planes, int left, int top, int width, int height);

/// The middle. Offsets are round((size - wanted) / 2) with halves to the even number, as Python rounds in torchvision's CenterCrop.
[[nodiscard]] Picture center_crop(const Picture& picture, int width, int height);

}  // namespace clipig
