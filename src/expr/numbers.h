// Numbers as text, the way Python reads and prints them, free of the locale.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace clipig::expr {

/// `1 1. .5 1e-3 1_000.5` without sign. Too large is infinity, too small is zero. Empty when it is no number.
[[nodiscard]] std::optional<double> parse_decimal(std::string_view text);

/// The text without underscores, each of which must stand between two digits; empty when one stands elsewhere.
[[nodiscard]] std::optional<std::string> without_underscores(std::string_view text);

/// As Python's float(str): white space around it, a sign, `inf`, `infinity` and `nan` in any case.
[[nodiscard]] std::optional<double> parse_float(std::string_view text);

enum class IntegerStatus { good, malformed, too_large };

/// The magnitude of an integer literal without sign: `12 1_000 0x1f 0b1 0o17`; up to 2^63, so that a minus may follow.
[[nodiscard]] IntegerStatus parse_magnitude(std::string_view text, std::uint64_t& magnitude);

/// As Python's repr(float): shortest digits that read back the same, always with a point, an exponent or a name.
[[nodiscard]] std::string float_repr(double value);

/// As Python's repr(str), in single quotes unless only those occur inside.
[[nodiscard]] std::string string_repr(std::string_view text);

/// Append a code point as UTF-8. Surrogates and values past U+10FFFF become U+FFFD.
void append_utf8(std::string& text, std::uint32_t code_point);

/// The bytes of the UTF-8 sequence at `offset`; 1 where the text is not UTF-8. Precondition: offset < text.size().
[[nodiscard]] std::size_t utf8_sequence(std::string_view text, std::size_t offset);

}  // namespace clipig::expr
