// Text as code points, for the cleaning of prompts. Backed by ICU.
#pragma once

#include <string>
#include <string_view>

namespace clipig {

/// UTF-8 to code points. Surrogates encoded as three bytes become surrogate code points; every other broken piece becomes U+FFFD.
[[nodiscard]] std::u32string to_code_points(std::string_view utf8);
/// Surrogates and values that are no code points become U+FFFD.
[[nodiscard]] std::string to_utf8(std::u32string_view text);

[[nodiscard]] std::u32string normalize_nfc(std::u32string_view text);
[[nodiscard]] std::u32string normalize_nfkc(std::u32string_view text);
/// As Python's str.lower(): full mapping, with the final sigma, whatever the locale.
[[nodiscard]] std::u32string lower_case(std::u32string_view text);
[[nodiscard]] std::u32string upper_case(std::u32string_view text);

[[nodiscard]] bool is_space(char32_t c);   ///< Unicode White_Space
[[nodiscard]] bool is_letter(char32_t c);  ///< category L
[[nodiscard]] bool is_number(char32_t c);  ///< category N

}  // namespace clipig
