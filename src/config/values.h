// Scalars of a configuration: numbers, lists written in one scalar, and the conversion to a declared type.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/schema.h"
#include "expr/value.h"

namespace clipig {

/// A number as Python and YAML write it: `3 -2 1. .5 1e-3 1_000 0x1F .inf .nan`; `010` is ten. Integers that need more
/// than 64 bits become floats. Empty when the text is something else.
[[nodiscard]] std::optional<Value> number_of(std::string_view text);

/// `yes no on off true false`, in any case.
[[nodiscard]] std::optional<bool> boolean_of(std::string_view text);

/// A part of a scalar, with its place.
struct TextPiece {
    std::string text;
    std::size_t offset = 0;  ///< bytes from the start of the scalar
};

/// Pieces between commas, or between white space, that are not inside of brackets or quotes.
[[nodiscard]] std::vector<TextPiece> split_commas(std::string_view text);
[[nodiscard]] std::vector<TextPiece> split_spaces(std::string_view text);

/// Where a value comes from: a number that was written must fit as it is, the result of an expression is converted as
/// Python's int() and float() do (224.7 -> 224 for an integer).
enum class Origin { written, expression };

/// The value in the declared type, range and choices checked; or what is wrong with it (`must be at least 1, not -3`).
[[nodiscard]] std::variant<Value, std::string> fit(const FieldSpec& field, const Value& value, Origin origin);

/// `an integer`, `3 numbers`, `2 or 4 numbers`, `one of nearest, linear, cubic`: for messages.
[[nodiscard]] std::string expected_text(const FieldSpec& field);

/// One entry of it: `an integer`, `a number`.
[[nodiscard]] std::string entry_text(const FieldSpec& field);

/// Is this number of entries allowed, apart from the single one that is copied?
[[nodiscard]] bool count_allowed(const FieldSpec& field, std::size_t count);

/// Holds several entries: a list, or a count above one.
[[nodiscard]] bool is_multiple(const FieldSpec& field);

}  // namespace clipig
