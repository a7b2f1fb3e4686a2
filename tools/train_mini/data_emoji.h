// Colour emoji: bitmaps of the font, names and keywords of CLDR.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "canvas.h"

namespace clipig::mini {

struct Emoji {
    std::string name;                   ///< lower case, ASCII: `strawberry`
    std::vector<std::string> keywords;  ///< `berry`, `fruit`
    Sprite sprite;
};

/// Every character that has both a name in the annotations and a colour bitmap in the font, in the order of code points; characters
/// of several code points are left out. The font has bitmaps (CBDT), the annotations are an `en.xml` of CLDR. Throws InputError.
[[nodiscard]] std::vector<Emoji> load_emoji(const std::filesystem::path& font, const std::filesystem::path& annotations);

}  // namespace clipig::mini
