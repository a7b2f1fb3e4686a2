// Python's operators on values. All of them throw Failure; none has undefined behaviour for any value.
#pragma once

#include <cstdint>
#include <string>

#include "expr/runtime.h"
#include "expr/value.h"

namespace clipig::expr {

enum class BinaryOp { add, subtract, multiply, divide, floor_divide, modulo, power };
enum class CompareOp { less, less_equal, greater, greater_equal, equal, not_equal, in, not_in, is, is_not };
enum class UnaryOp { plus, minus };

[[nodiscard]] const ValueList& list_of(const Value& value);      ///< precondition: is_list()
[[nodiscard]] const ValueDict& dict_of(const Value& value);      ///< precondition: is_dict()
[[nodiscard]] const std::string& string_of(const Value& value);  ///< precondition: is_string()

/// Append the value's repr; false, and an incomplete text, when `out` grew past the limit.
[[nodiscard]] bool append_repr(const Value& value, std::string& out, std::size_t limit);

/// bool or int as integer. Precondition: is_bool() or is_int().
[[nodiscard]] std::int64_t integer_of(const Value& value);
[[nodiscard]] inline bool is_integral(const Value& value) { return value.is_bool() || value.is_int(); }

/// A float as int, towards zero; fails for nan and beyond 64 bits.
[[nodiscard]] std::int64_t to_integer(double value);

[[nodiscard]] Value unary(UnaryOp op, const Value& value);
[[nodiscard]] Value binary(BinaryOp op, const Value& a, const Value& b, Runtime& runtime);
[[nodiscard]] bool compare(CompareOp op, const Value& a, const Value& b, Runtime& runtime);
[[nodiscard]] bool equal(const Value& a, const Value& b, Runtime& runtime);
[[nodiscard]] bool less(const Value& a, const Value& b, Runtime& runtime);

/// The entries that Python's iteration gives: of a list, the keys of a dict, the characters of a string.
[[nodiscard]] ValueList entries_of(const Value& value, Runtime& runtime);
[[nodiscard]] std::int64_t length_of(const Value& value);
/// The value at a key of a dict, or null.
[[nodiscard]] const Value* find_key(const ValueDict& dict, const Value& key, Runtime& runtime);
/// Put into a dict that is being made; fails for keys that Python cannot hash.
void insert_key(ValueDict& dict, Value key, Value value, Runtime& runtime);
[[nodiscard]] Value index(const Value& container, const Value& key, Runtime& runtime);
/// container[start:stop:step]; None where left out.
[[nodiscard]] Value slice(const Value& container, const Value& start, const Value& stop, const Value& step, Runtime& runtime);

}  // namespace clipig::expr
