// Names of files made of texts.
#pragma once

#include <string>
#include <string_view>

namespace clipig {

/// Letters and digits of the text, those of other alphabets too; what lies between becomes one hyphen, none at the ends. `numbers`: dots
/// inside and a minus in front stay, so that values keep their meaning (`-.5`).
[[nodiscard]] std::string plain_name(std::string_view text, bool numbers);

}  // namespace clipig
