// The names that expressions may use for values, and the groups they belong to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "expr/expression.h"

namespace clipig::expr {

struct VariableName {
    const char* name;
    const char* alias;  ///< null when it has none
    unsigned group;     ///< one VariableGroup bit
    Value (*read)(const Variables& variables);
    const char* text;
};

[[nodiscard]] const std::vector<VariableName>& variable_names();
/// By name or alias; null when there is none.
[[nodiscard]] const VariableName* find_variable(std::string_view name);

struct ConstantName {
    const char* name;
    bool in_math;  ///< may be written `math.pi`
    Value value;
    const char* text;
};

[[nodiscard]] const std::vector<ConstantName>& constant_names();
[[nodiscard]] const ConstantName* find_constant(std::string_view name);

/// `time, resolution`, or `no variables`.
[[nodiscard]] std::string group_text(unsigned groups);

}  // namespace clipig::expr
