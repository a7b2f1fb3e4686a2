// Resizing that gives the bytes that Pillow gives, and the preprocessing of CLIP built on it.
// Sources: python-pillow/Pillow src/libImaging/Resample.c and Convert.c; openai/CLIP clip/clip.py _transform; torchvision 0.14
// functional.py.
#pragma once

#include "image/picture.h"
#include "image/resample_weights.h"

namespace clipig {

/// Pillow's Image.resize(size, filter) of an 8-bit L, LA, RGB or RGBA picture: horizontal pass, rounded to 8 bits, then vertical pass, with
/// weights of 22 bits after the point. Pictures with alpha are resized premultiplied. 16-bit pictures are taken as their high bytes.
[[nodiscard]] Picture pillow_resize(const Picture& picture, int width, int height, Filter filter);

/// How a picture becomes square: `shortest` scales the short side to the size and crops the middle, `squash` distorts.
enum class ResizeMode { shortest, squash };

/// The size x size 8-bit RGB that OpenAI's transform gives before ToTensor: resized first, converted to RGB afterwards, so that
/// transparent pixels lose their colour. Differs from Pillow for palette and CMYK pictures only, which are converted before they are
/// resized (Pillow resizes palettes by nearest neighbour, Hugging Face's processor converts first as we do).
[[nodiscard]] Picture clip_preprocess(const Picture& picture, int size, ResizeMode mode = ResizeMode::shortest,
                                      Filter filter = Filter::bicubic);

}  // namespace clipig
