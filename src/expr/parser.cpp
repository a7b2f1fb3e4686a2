// Recursive descent over Python's expression grammar (https://docs.python.org/3/reference/expressions.html).
#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "expr/names.h"
#include "expr/tree_builder.h"

namespace clipig::expr {
namespace {

class Parser : private TreeBuilder {
public:
    Parser(std::string_view text, const SourceLoc& where, std::string_view path, unsigned groups)
        : TreeBuilder(Report(text, where, path), groups), text_(text) {}

    Syntax run() {
        if (text_.size() > kMaxText) report_.stop(0, 1, "the expression is longer than " + std::to_string(kMaxText) + " bytes");
        tokens_ = tokenize(text_, report_);
        if (here().kind == TokenKind::end) report_.stop(0, 1, "empty expression");
        syntax_.root = tuple(TokenKind::end, "");
        if (here().kind != TokenKind::end) unexpected("an operator or the end");
        report_.finish();
        return std::move(syntax_);
    }

private:
    /// Counts one level of nesting while it lives.
    class Level {
    public:
        explicit Level(Parser& parser) : parser_(parser) {
            if (++parser.nesting_ > kMaxNesting) parser.too_deep();
        }
        ~Level() { --parser_.nesting_; }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;

    private:
        Parser& parser_;
    };

    // ---- the grammar, loosest first

    /// `a, b` without brackets of its own, up to an end or a closing symbol; one entry without a comma is itself.
    int tuple(TokenKind end, std::string_view closing) {
        const auto at_end = [&] { return end == TokenKind::end ? here().kind == end : here().is(closing); };
        const Token& start = here();
        int first = expression();
        if (!here().is(",")) return first;
        std::vector<int> entries{first};
        while (take_if(",")) {
            if (at_end()) break;
            entries.push_back(expression());
        }
        return add(make(NodeKind::list, start, std::move(entries)));
    }

    int expression() {
        const Level level(*this);
        const int value = logical_or();
        if (!here().is("if")) return value;
        const Token& token = take();
        const int condition = logical_or();
        if (!here().is("else")) unexpected("'else'");
        take();
        const int other = expression();
        return add(make(NodeKind::conditional, token, {value, condition, other}));
    }

    int logical(NodeKind kind, std::string_view word, int (Parser::*operand)()) {
        const int first = (this->*operand)();
        if (!here().is(word)) return first;
        const Token& token = here();
        std::vector<int> operands{first};
        while (take_if(word)) operands.push_back((this->*operand)());
        return add(make(kind, token, std::move(operands)));
    }

    int logical_or() { return logical(NodeKind::logical_or, "or", &Parser::logical_and); }
    int logical_and() { return logical(NodeKind::logical_and, "and", &Parser::logical_not); }

    int logical_not() {
        if (!here().is("not")) return comparison();
        const Level level(*this);
        const Token& token = take();
        return add(make(NodeKind::logical_not, token, {logical_not()}));
    }

    /// The comparison operator at the next token, taken; false when there is none.
    bool take_comparison(Node::Comparison& found) {
        constexpr std::array<std::pair<std::string_view, CompareOp>, 8> symbols{{{"<", CompareOp::less},
                                                                                 {"<=", CompareOp::less_equal},
                                                                                 {">", CompareOp::greater},
                                                                                 {">=", CompareOp::greater_equal},
                                                                                 {"==", CompareOp::equal},
                                                                                 {"!=", CompareOp::not_equal},
                                                                                 {"in", CompareOp::in},
                                                                                 {"is", CompareOp::is}}};
        const Token& token = here();
        found = {CompareOp::not_in, token.offset, token.length};
        if (token.is("not") && ahead().is("in")) {
            found.length = ahead().offset + ahead().length - token.offset;
            at_ += 2;
            return true;
        }
        for (const auto& [symbol, op] : symbols) {
            if (!take_if(symbol)) continue;
            found.op = op;
            if (op == CompareOp::is && here().is("not")) {
                found.op = CompareOp::is_not;
                found.length = here().offset + here().length - token.offset;
                take();
            }
            return true;
        }
        return false;
    }

    int comparison() {
        const Token& start = here();
        const int first = sum();
        Node::Comparison found{};
        if (!take_comparison(found)) return first;
        Node node = make(NodeKind::comparison, start, {first});
        do {
            node.comparisons.push_back(found);
            node.children.push_back(sum());
        } while (take_comparison(found));
        return add(std::move(node));
    }

    int sum() {
        int left = product();
        while (here().is("+") || here().is("-")) {
            const Token& token = take();
            left = add_binary(token, token.is("+") ? BinaryOp::add : BinaryOp::subtract, left, product());
        }
        return left;
    }

    int product() {
        constexpr std::array<std::pair<std::string_view, BinaryOp>, 4> symbols{
            {{"*", BinaryOp::multiply}, {"/", BinaryOp::divide}, {"//", BinaryOp::floor_divide}, {"%", BinaryOp::modulo}}};
        int left = factor();
        for (;;) {
            const auto found = std::find_if(symbols.begin(), symbols.end(), [&](const auto& entry) { return here().is(entry.first); });
            if (found == symbols.end()) return left;
            const Token& token = take();
            left = add_binary(token, found->second, left, factor());
        }
    }

    int factor() {
        if (!here().is("-") && !here().is("+")) return power();
        const Level level(*this);
        const Token& token = take();
        if (token.is("-") && here().two_to_63 && !ahead().is("**")) {
            take();
            return add_constant(token, std::numeric_limits<std::int64_t>::min());
        }
        Node node = make(NodeKind::unary, token, {factor()});
        node.unary_op = token.is("-") ? UnaryOp::minus : UnaryOp::plus;
        return add(std::move(node));
    }

    int power() {
        const int base = trailers(atom());
        if (!here().is("**")) return base;
        const Level level(*this);
        const Token& token = take();
        return add_binary(token, BinaryOp::power, base, factor());
    }

    // ---- behind a value

    int trailers(int value) {
        for (;;) {
            const Token& token = here();
            if (token.is("[")) {
                value = subscript(value);
            } else if (token.is(".")) {
                value = method(value);
            } else if (token.is("(")) {
                report_.stop(token.offset, 1, "a value cannot be called", "a product is written with '*'");
            } else {
                return value;
            }
        }
    }

    int subscript(int container) {
        const Token& open = take();
        int start = kAbsent;
        if (!here().is(":")) start = tuple(TokenKind::symbol, "]");
        if (!here().is(":")) {
            close("]", open);
            Node node = make(NodeKind::index, open, {container, start});
            span(node, open.offset);
            return add(std::move(node));
        }
        std::array<int, 2> bounds{kAbsent, kAbsent};
        for (int& bound : bounds) {
            if (!take_if(":")) break;
            if (!here().is(":") && !here().is("]")) bound = expression();
        }
        close("]", open);
        Node node = make(NodeKind::slice, open, {container, start, bounds[0], bounds[1]});
        span(node, open.offset);
        return add(std::move(node));
    }

    int method(int value) {
        const Token& dot = take();
        const Token& name = here();
        if (name.kind != TokenKind::name) unexpected("a name");
        if (!name.is("get"))
            report_.stop(name.offset, name.length, "unknown method " + quoted(name.text), "there is only d.get(key, default) of a dict");
        take();
        const Token& open = here();
        if (!take_if("(")) unexpected("'('");
        std::vector<int> children{value};
        while (!here().is(")")) {
            children.push_back(expression());
            if (!take_if(",")) break;
        }
        close(")", open);
        Node node = make(NodeKind::get, dot, std::move(children));
        span(node, name.offset);
        if (node.children.size() < 2 || node.children.size() > 3) {
            report_.note(node.offset, node.length, "get takes 1 or 2 arguments, not " + std::to_string(node.children.size() - 1),
                         "get(key, default=None)");
        }
        node.children.resize(3, kAbsent);
        return add(std::move(node));
    }

    // ---- values

    int atom() {
        const Token& token = here();
        if (token.kind == TokenKind::number) {
            if (token.two_to_63)
                report_.stop(token.offset, token.length, "integer too large", "an int has 64 bits; with a point it is a float");
            return add_constant(take(), token.value);
        }
        if (token.kind == TokenKind::string) return strings();
        if (token.kind == TokenKind::name) return name();
        if (token.is("(")) return parenthesis();
        if (token.is("[")) {
            take();
            return add(make(NodeKind::list, token, entries("]", token)));
        }
        if (token.is("{")) return dict();
        unexpected("a value");
    }

    /// Strings side by side are one, as in Python.
    int strings() {
        const Token& first = here();
        std::string text;
        while (here().kind == TokenKind::string) text += string_of(take().value);
        return add_constant(first, std::move(text));
    }

    int parenthesis() {
        const Token& open = take();
        if (take_if(")")) return add(make(NodeKind::list, open));
        const int value = tuple(TokenKind::symbol, ")");
        close(")", open);
        return value;
    }

    std::vector<int> entries(std::string_view closing, const Token& open) {
        std::vector<int> result;
        while (!here().is(closing)) {
            result.push_back(expression());
            if (!take_if(",")) break;
        }
        close(closing, open);
        return result;
    }

    int dict() {
        const Token& open = take();
        std::vector<int> children;
        while (!here().is("}")) {
            children.push_back(expression());
            if (!take_if(":")) unexpected("':' between key and value");
            children.push_back(expression());
            if (!take_if(",")) break;
        }
        close("}", open);
        return add(make(NodeKind::dict, open, std::move(children)));
    }

    int name() {
        const Token& token = here();
        if (token.is("and") || token.is("or") || token.is("is") || token.is("not") || is_foreign_keyword(token.text)) unexpected("a value");
        if ((token.is("math") || token.is("random")) && ahead().is(".")) return module_member();
        take();
        if (here().is("(")) return call(token, find_function(token.text));
        if (const auto* constant = find_constant(token.text)) return add_constant(token, constant->value);
        return add_variable(token);
    }

    int module_member() {
        const Token& module = take();
        take();
        if (here().kind != TokenKind::name) unexpected("a name");
        const Token& token = take();
        const auto* function = find_function(token.text);
        if (function != nullptr && function->module == module.text) return here().is("(") ? call(token, function) : add_variable(token);
        const auto* constant = find_constant(token.text);
        if (constant != nullptr && constant->in_math && module.is("math")) return add_constant(token, constant->value);
        const std::string hint = function != nullptr ? "it is " + function->signature : unknown_name(token.text, kNoVariables, true).hint;
        report_.note(module.offset, token.offset + token.length - module.offset, std::string(module.text) + " has no " + quoted(token.text),
                     hint);
        if (here().is("(")) (void)arguments(take());
        return add_constant(token, Value());
    }

    // ---- calls

    std::vector<Argument> arguments(const Token& open) {
        std::vector<Argument> result;
        while (!here().is(")")) {
            Argument argument{nullptr, kAbsent, here().offset, 1};
            if (here().kind == TokenKind::name && ahead().is("=")) {
                argument.keyword = &take();
                take();
            } else if (!result.empty() && result.back().keyword != nullptr) {
                unexpected("a name with '=', as the arguments before");
            }
            argument.value = expression();
            argument.length = tokens_[at_ - 1].offset + tokens_[at_ - 1].length - argument.offset;
            result.push_back(argument);
            if (!take_if(",")) break;
        }
        close(")", open);
        return result;
    }

    int call(const Token& name, const Function* function) { return add_call(name, function, arguments(take())); }

    std::string_view text_;
    int nesting_ = 0;
};

}  // namespace

Syntax parse(std::string_view text, const SourceLoc& where, std::string_view path, unsigned groups) {
    return Parser(text, where, path, groups).run();
}

}  // namespace clipig::expr
