// Pictures that a parameter names: a file, or the bytes themselves.
#pragma once

#include <string>

#include "ops/tensor.h"

namespace clipig {

/// `data:image/png;base64,...` or the path of a picture -> [1,3,H,W] float, sRGB 0..1. Kept, so that asking again in every epoch
/// costs nothing; a file that has changed on disk is read again. Safe from several threads. Throws InputError, which begins with
/// `who`, when there is no such picture or it cannot be read.
[[nodiscard]] Tensor picture_source(const std::string& source, const std::string& who);

}  // namespace clipig
