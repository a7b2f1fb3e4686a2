// The functions of the language: their signatures, sentences and code.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expr/operators.h"
#include "expr/runtime.h"

namespace clipig::expr {

struct Function;

/// One call. Arguments of optional parameters that were left out are None; a variadic function gets just those given.
struct Call {
    const Function& function;
    std::span<const Value> args;
    Runtime& runtime;

    [[nodiscard]] const Value& operator[](std::size_t i) const { return args[i]; }
    [[nodiscard]] bool missing(std::size_t i) const { return args[i].is_none(); }
    /// Argument i as float, or failure.
    [[nodiscard]] double real(std::size_t i) const;
    [[nodiscard]] double real(std::size_t i, double otherwise) const { return missing(i) ? otherwise : real(i); }
    /// Argument i as int; a float, even a whole one, is a failure as in Python.
    [[nodiscard]] std::int64_t integer(std::size_t i) const;
    [[nodiscard]] std::int64_t integer(std::size_t i, std::int64_t otherwise) const { return missing(i) ? otherwise : integer(i); }
    /// `domain error, sqrt(-1.0),`: the caller's message goes on with ` in PATH`.
    [[noreturn]] void domain_error() const;
    [[noreturn]] void wrong(const std::string& message) const;  ///< `NAME MESSAGE`
};

using FunctionCode = Value (*)(const Call& call);

/// As written in the tables.
struct FunctionRow {
    const char* signature;  ///< Python's: `round(number, ndigits=None)`; `*` makes the rest keyword-only, `*more` takes any number
    FunctionCode code;
    const char* text;
};

struct Parameter {
    std::string name;
    bool optional = false;
    bool keyword_only = false;
};

struct Function {
    std::string name;
    std::string signature;
    std::string text;
    std::string module;  ///< `math`, `random`, or empty for those that have no module
    unsigned group = 0;  ///< the VariableGroup bits it reads
    FunctionCode code = nullptr;
    std::vector<Parameter> parameters;
    bool variadic = false;

    [[nodiscard]] std::size_t required() const;
    /// How many arguments may be given by position; for messages.
    [[nodiscard]] std::size_t positional() const;
    [[nodiscard]] bool draws() const { return module == "random"; }
};

/// All functions in the order of the documentation.
[[nodiscard]] const std::vector<Function>& functions();
[[nodiscard]] const Function* find_function(std::string_view name);

// the tables, one per file
[[nodiscard]] std::span<const FunctionRow> basic_functions();
[[nodiscard]] std::span<const FunctionRow> real_functions();
[[nodiscard]] std::span<const FunctionRow> integer_functions();
[[nodiscard]] std::span<const FunctionRow> sequence_functions();
[[nodiscard]] std::span<const FunctionRow> random_functions();

}  // namespace clipig::expr
