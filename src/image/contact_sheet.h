// Many pictures on one: what `clipig preview` shows.
#pragma once

#include <string>
#include <vector>

#include "image/picture.h"

namespace clipig {

/// 8-bit RGB. Cells are as large as the largest picture, which stands in the middle of its cell; the ground is white. `columns` 0 takes
/// about as many columns as rows. Captions stand below their pictures in a small ASCII font, in two lines where one is too
/// short, and shortened with `..` where two are; no captions, no room for them. No pictures give a sheet of one white pixel.
[[nodiscard]] Picture contact_sheet(const std::vector<Picture>& pictures, int columns = 0, int gap = 8,
                                    const std::vector<std::string>& captions = {});

}  // namespace clipig
