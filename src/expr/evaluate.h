// Evaluates a tree.
#pragma once

#include "expr/syntax.h"

namespace clipig::expr {

/// What went wrong, and the bytes of the expression it is about.
struct Fault {
    std::string message;
    std::size_t offset = 0;
    std::size_t length = 0;
};

/// The value of the expression. Throws Fault.
[[nodiscard]] Value evaluate(const Syntax& syntax, Runtime& runtime);

}  // namespace clipig::expr
