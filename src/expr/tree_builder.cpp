#include "expr/tree_builder.h"

#include <algorithm>

namespace clipig::expr {

void TreeBuilder::too_deep() {
    report_.stop(
        here().offset, std::max<std::size_t>(1, here().length), "the expression is nested too deeply",
        "at most " + std::to_string(kMaxNesting) + " brackets within each other, or " + std::to_string(kMaxHeight) + " operators in a row");
}

Node TreeBuilder::make(NodeKind kind, const Token& token, std::vector<int> children) {
    Node node;
    node.kind = kind;
    node.offset = token.offset;
    node.length = token.length;
    node.children = std::move(children);
    return node;
}

void TreeBuilder::span(Node& node, std::size_t start) const {
    const Token& last = tokens_[at_ - 1];
    node.offset = start;
    node.length = last.offset + last.length - start;
}

int TreeBuilder::add(Node node) {
    for (const int child : node.children) {
        if (child != kAbsent) node.height = std::max(node.height, syntax_.nodes[static_cast<std::size_t>(child)].height + 1);
    }
    if (node.height > kMaxHeight) too_deep();
    syntax_.nodes.push_back(std::move(node));
    return static_cast<int>(syntax_.nodes.size()) - 1;
}

int TreeBuilder::add_constant(const Token& token, Value value) {
    Node node = make(NodeKind::constant, token);
    node.constant = std::move(value);
    return add(std::move(node));
}

int TreeBuilder::add_binary(const Token& token, BinaryOp op, int a, int b) {
    Node node = make(NodeKind::binary, token, {a, b});
    node.binary_op = op;
    return add(std::move(node));
}

int TreeBuilder::add_variable(const Token& token) {
    const auto* found = find_variable(token.text);
    if (found == nullptr) {
        if (const auto* function = find_function(token.text)) {
            report_.note(token.offset, token.length, quoted(token.text) + " is a function", "call it: " + function->signature);
        } else {
            note(token, unknown_name(token.text, groups_, false), true);
        }
        return add_constant(token, Value());
    }
    if ((found->group & groups_) == 0) {
        note(token, unavailable_name(token.text, groups_, report_.path()), false);
        return add_constant(token, Value());
    }
    use(std::string(token.text), found);
    Node node = make(NodeKind::variable, token);
    node.variable = found;
    return add(std::move(node));
}

int TreeBuilder::add_call(const Token& name, const Function* function, const std::vector<Argument>& given) {
    if (function == nullptr) {
        if (find_variable(name.text) != nullptr || find_constant(name.text) != nullptr) {
            report_.note(name.offset, name.length, quoted(name.text) + " is no function", "a product is written with '*'");
        } else {
            note(name, unknown_name(name.text, groups_, true), true);
        }
        return add_constant(name, Value());
    }
    if ((function->group & ~groups_) != 0) {
        note(name, unavailable_name(name.text, groups_, report_.path()), false);
        return add_constant(name, Value());
    }
    Node node = make(NodeKind::call, name);
    node.function = function;
    span(node, name.offset);
    node.children = matched_arguments(*function, given, node.offset, node.length, report_);
    syntax_.draws = syntax_.draws || function->draws();
    if (function->group == kTime) use("time", find_variable("time"));
    return add(std::move(node));
}

void TreeBuilder::use(std::string spelling, const VariableName* variable) {
    syntax_.groups |= variable->group;
    const auto known = [&](const UsedVariable& used) { return used.variable == variable; };
    if (std::none_of(syntax_.variables.begin(), syntax_.variables.end(), known))
        syntax_.variables.push_back({std::move(spelling), variable});
}

void TreeBuilder::note(const Token& token, const NameComplaint& complaint, bool with_path) {
    report_.note(token.offset, token.length, complaint.message, complaint.hint, with_path);
}

}  // namespace clipig::expr
