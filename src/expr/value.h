// The values of the expression language: Python's None, bool, int, float, str, list and dict.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace clipig {

class Value;
using ValueList = std::vector<Value>;
using ValueDict = std::vector<std::pair<Value, Value>>;  ///< in the order of writing, keys unique

/// Immutable value. Integers are 64 bits wide; arithmetic that leaves the range is an error, never a wrap.
class Value {
public:
    using Data = std::variant<std::monostate, bool, std::int64_t, double, std::string, std::shared_ptr<const ValueList>,
                              std::shared_ptr<const ValueDict>>;
    // copies and moves are compiled once, in value.cpp: inlined, they set off false alarms about uninitialised variants in g++ 12
    Value();
    Value(const Value& other);
    Value(Value&& other) noexcept;
    Value& operator=(const Value& other);
    Value& operator=(Value&& other) noexcept;
    ~Value();
    Value(bool v) : data_(v) {}
    Value(std::int64_t v) : data_(v) {}
    Value(int v) : data_(std::int64_t{v}) {}
    Value(double v) : data_(v) {}
    Value(std::string v) : data_(std::move(v)) {}
    Value(const char* v) : data_(std::string(v)) {}
    Value(ValueList v) : data_(std::make_shared<const ValueList>(std::move(v))) {}
    Value(ValueDict v) : data_(std::make_shared<const ValueDict>(std::move(v))) {}

    [[nodiscard]] const Data& data() const { return data_; }
    [[nodiscard]] bool is_none() const { return data_.index() == 0; }
    [[nodiscard]] bool is_bool() const { return data_.index() == 1; }
    [[nodiscard]] bool is_int() const { return data_.index() == 2; }
    [[nodiscard]] bool is_float() const { return data_.index() == 3; }
    [[nodiscard]] bool is_number() const { return is_bool() || is_int() || is_float(); }
    [[nodiscard]] bool is_string() const { return data_.index() == 4; }
    [[nodiscard]] bool is_list() const { return data_.index() == 5; }
    [[nodiscard]] bool is_dict() const { return data_.index() == 6; }

    /// The number as double; bool counts as 0 or 1. Precondition: is_number().
    [[nodiscard]] double number() const;
    /// Python's truth: None, False, 0, '', [], {} are false.
    [[nodiscard]] bool truth() const;
    /// `int`, `float`, `str`, `list`, `dict`, `bool`, `NoneType`: as Python names it.
    [[nodiscard]] const char* type_name() const;
    /// As Python's repr() prints it.
    [[nodiscard]] std::string repr() const;

private:
    Data data_;
};

}  // namespace clipig
