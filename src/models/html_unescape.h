// HTML character references in text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace clipig {

/// As Python's html.unescape(): names with and without semicolon, the longest known prefix of a name, decimal and hexadecimal numbers,
/// the numbers that HTML 5 maps to something else or to nothing.
[[nodiscard]] std::u32string html_unescape(std::u32string_view text);

/// As ftfy does before that: only references that end with a semicolon; names in capitals count too (`&EACUTE;` is É).
[[nodiscard]] std::u32string html_unescape_strictly(std::u32string_view text);

/// The table behind both; its format is described in html_entities.cpp.
[[nodiscard]] const std::vector<const char*>& html_entity_lines();

}  // namespace clipig
