#include "expr/evaluate.h"

namespace clipig::expr {
namespace {

class Evaluator {
public:
    Evaluator(const Syntax& syntax, Runtime& runtime) : syntax_(syntax), runtime_(runtime) {}

    Value run() {
        try {
            return value_of(syntax_.root);
        } catch (const Failure& failure) {
            throw Fault{failure.message, offset_, length_};
        }
    }

private:
    /// The bytes to blame, should the next operation fail.
    void blame(std::size_t offset, std::size_t length) {
        offset_ = offset;
        length_ = length;
    }

    Value value_of(int index) {
        if (index == kAbsent) return {};
        const Node& node = syntax_.nodes[static_cast<std::size_t>(index)];
        switch (node.kind) {
            case NodeKind::constant: return node.constant;
            case NodeKind::variable: return node.variable->read(runtime_.variables);
            case NodeKind::list: return list(node);
            case NodeKind::dict: return dict(node);
            case NodeKind::logical_and: return logical(node, false);
            case NodeKind::logical_or: return logical(node, true);
            case NodeKind::logical_not: return !value_of(node.children[0]).truth();
            case NodeKind::comparison: return comparison(node);
            case NodeKind::conditional: return value_of(node.children[value_of(node.children[1]).truth() ? 0 : 2]);
            case NodeKind::unary:
            case NodeKind::binary:
            case NodeKind::index: return operation(node);
            case NodeKind::slice: return slice_of(node);
            case NodeKind::call: return call(node);
            case NodeKind::get: break;
        }
        return get(node);
    }

    Value list(const Node& node) {
        ValueList entries;
        entries.reserve(node.children.size());
        for (const int child : node.children) entries.push_back(value_of(child));
        return entries;
    }

    Value dict(const Node& node) {
        ValueDict entries;
        for (std::size_t i = 0; i + 1 < node.children.size(); i += 2) {
            Value key = value_of(node.children[i]);
            Value value = value_of(node.children[i + 1]);
            blame(node.offset, node.length);
            insert_key(entries, std::move(key), std::move(value), runtime_);
        }
        return entries;
    }

    /// The first operand whose truth is `decisive`, else the last.
    Value logical(const Node& node, bool decisive) {
        Value value;
        for (const int child : node.children) {
            value = value_of(child);
            if (value.truth() == decisive) break;
        }
        return value;
    }

    Value comparison(const Node& node) {
        Value left = value_of(node.children[0]);
        for (std::size_t i = 0; i < node.comparisons.size(); ++i) {
            Value right = value_of(node.children[i + 1]);
            blame(node.comparisons[i].offset, node.comparisons[i].length);
            if (!compare(node.comparisons[i].op, left, right, runtime_)) return false;
            left = std::move(right);
        }
        return true;
    }

    Value operation(const Node& node) {
        const Value first = value_of(node.children[0]);
        if (node.kind == NodeKind::unary) {
            blame(node.offset, node.length);
            return unary(node.unary_op, first);
        }
        const Value second = value_of(node.children[1]);
        blame(node.offset, node.length);
        return node.kind == NodeKind::index ? index(first, second, runtime_) : binary(node.binary_op, first, second, runtime_);
    }

    Value slice_of(const Node& node) {
        const Value container = value_of(node.children[0]);
        const Value start = value_of(node.children[1]);
        const Value stop = value_of(node.children[2]);
        const Value step = value_of(node.children[3]);
        blame(node.offset, node.length);
        return slice(container, start, stop, step, runtime_);
    }

    Value call(const Node& node) {
        ValueList arguments;
        arguments.reserve(node.children.size());
        for (const int child : node.children) arguments.push_back(value_of(child));
        blame(node.offset, node.length);
        return node.function->code(Call{*node.function, arguments, runtime_});
    }

    Value get(const Node& node) {
        const Value container = value_of(node.children[0]);
        const Value key = value_of(node.children[1]);
        Value otherwise = value_of(node.children[2]);
        blame(node.offset, node.length);
        if (!container.is_dict()) fail(std::string(container.type_name()) + " has no get");
        const Value* found = find_key(dict_of(container), key, runtime_);
        return found != nullptr ? *found : otherwise;
    }

    const Syntax& syntax_;
    Runtime& runtime_;
    std::size_t offset_ = 0;
    std::size_t length_ = 1;
};

}  // namespace

Value evaluate(const Syntax& syntax, Runtime& runtime) { return Evaluator(syntax, runtime).run(); }

}  // namespace clipig::expr
