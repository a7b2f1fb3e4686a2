// The tree that the parser builds: its nodes, and what the names in it mean.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "expr/arguments.h"
#include "expr/names.h"
#include "expr/syntax.h"
#include "expr/token_reader.h"

namespace clipig::expr {

/// Everything that adds a node returns its index. A name that is wrong is noted and an empty value stands in, so that all are found at
/// once.
class TreeBuilder : protected TokenReader {
protected:
    TreeBuilder(Report report, unsigned groups) : TokenReader(std::move(report)), groups_(groups) {}

    [[noreturn]] void too_deep();

    [[nodiscard]] static Node make(NodeKind kind, const Token& token, std::vector<int> children = {});
    /// From the byte `start` to the end of the token before the next one.
    void span(Node& node, std::size_t start) const;

    int add(Node node);
    int add_constant(const Token& token, Value value);
    int add_binary(const Token& token, BinaryOp op, int a, int b);
    /// A name without a call behind it.
    int add_variable(const Token& token);
    /// A call that ends before the next token; `function` is null where there is none of that name.
    int add_call(const Token& name, const Function* function, const std::vector<Argument>& given);

    Syntax syntax_;

private:
    void use(std::string spelling, const VariableName* variable);
    void note(const Token& token, const NameComplaint& complaint, bool with_path);

    unsigned groups_;
};

}  // namespace clipig::expr
