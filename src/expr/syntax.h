// The tree of a compiled expression, in one array; children come before their parents.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "expr/functions.h"
#include "expr/operators.h"
#include "expr/variables.h"

namespace clipig::expr {

enum class NodeKind {
    constant,
    variable,
    list,  ///< children: entries
    dict,  ///< children: key, value, key, value ...
    unary,
    binary,
    logical_and,  ///< children: two or more operands
    logical_or,
    logical_not,
    comparison,   ///< children: operands; `comparisons` has one operator less
    conditional,  ///< children: value, condition, other value
    index,        ///< children: container, key
    slice,        ///< children: container, start, stop, step
    call,         ///< children: arguments
    get,          ///< children: dict, key, default: `d.get(k, default)`
};

inline constexpr int kAbsent = -1;  ///< a child that was left out: None

struct Node {
    NodeKind kind = NodeKind::constant;
    std::size_t offset = 0;  ///< the bytes that an error of this node underlines
    std::size_t length = 0;
    int height = 1;
    std::vector<int> children{};
    Value constant{};
    const VariableName* variable = nullptr;
    const Function* function = nullptr;
    UnaryOp unary_op = UnaryOp::plus;
    BinaryOp binary_op = BinaryOp::add;
    struct Comparison {
        CompareOp op;
        std::size_t offset;
        std::size_t length;
    };
    std::vector<Comparison> comparisons{};
};

/// A variable as the expression spells it.
struct UsedVariable {
    std::string spelling;
    const VariableName* variable;
};

struct Syntax {
    std::vector<Node> nodes;
    int root = 0;
    std::vector<UsedVariable> variables;  ///< each once, in the order of their first use
    unsigned groups = 0;
    bool draws = false;
};

inline constexpr std::size_t kMaxText = 10'000;  ///< bytes of an expression
inline constexpr int kMaxNesting = 100;          ///< open brackets, `not`, signs, `**` and `else` within each other
inline constexpr int kMaxHeight = 200;           ///< levels of the tree: also counts operators in a row

/// Parse and check. Throws ConfigError.
[[nodiscard]] Syntax parse(std::string_view text, const SourceLoc& where, std::string_view path, unsigned groups);

}  // namespace clipig::expr
