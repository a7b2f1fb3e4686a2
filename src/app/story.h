// What pictures that clipig wrote carry inside: their configuration and how they came about. No torch here.
#pragma once

#include <string>
#include <string_view>

#include "config/document.h"
#include "image/write_picture.h"

namespace clipig {

/// Told by the first bytes: PNG, JPEG, WebP or TIFF. No YAML text begins like that.
[[nodiscard]] bool looks_like_picture(std::string_view bytes);

/// The text of a picture, or of a checkpoint's header. Throws InputError when it is neither, or has no configuration of clipig.
[[nodiscard]] PictureText read_story(const std::string& path);

/// The configuration that a picture carries. `output` is dropped: a picture of somebody else must not choose where files are written.
[[nodiscard]] Node configuration_of(const std::string& path);

}  // namespace clipig
