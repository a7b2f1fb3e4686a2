// Arguments of a call against the parameters of the function, while compiling.
#pragma once

#include <vector>

#include "expr/functions.h"
#include "expr/lexer.h"

namespace clipig::expr {

struct Argument {
    const Token* keyword;  ///< null when given by position
    int value;             ///< index of its node
    std::size_t offset;
    std::size_t length;
};

/// The nodes in the order of the parameters, kAbsent where left out. Wrong arguments are noted in the report, those
/// that are too few or too many at `offset` and `length`, the place of the call.
[[nodiscard]] std::vector<int> matched_arguments(const Function& function, const std::vector<Argument>& given, std::size_t offset,
                                                 std::size_t length, Report& report);

}  // namespace clipig::expr
