// Recursive descent over Python's expression grammar (https://docs.python.org/3/reference/expressions.html).
#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "expr/arguments.h"
#include "expr/names.h"
#include "expr/syntax.h"
#include "expr/token_reader.h"

namespace clipig::expr {
namespace {

class Parser : private TokenReader {
public:
    Parser(std::string_view text, const SourceLoc& where, std::string_view path, unsigned groups)
        : TokenReader(Report(text, where, path)), text_(text), groups_(groups) {}

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

    [[noreturn]] void too_deep() {
        report_.stop(here().offset, std::max<std::size_t>(1, here().length), "the expression is nested too deeply",
                     "at most " + std::to_string(kMaxNesting) + " brackets within each other, or " + std::to_string(kMaxHeight) +
                         " operators in a row");
    }

    // ---- nodes

    int add(Node node) {
        for (const int child : node.children) {
            if (child != kAbsent) node.height = std::max(node.height, syntax_.nodes[static_cast<std::size_t>(child)].height + 1);
        }
        if (node.height > kMaxHeight) too_deep();
        syntax_.nodes.push_back(std::move(node));
        return static_cast<int>(syntax_.nodes.size()) - 1;
    }

    static Node make(NodeKind kind, const Token& token, std::vector<int> children = {}) {
        Node node;
        node.kind = kind;
        node.offset = token.offset;
        node.length = token.length;
        node.children = std::move(children);
        return node;
    }

    int add_constant(const Token& token, Value value) {
        Node node = make(NodeKind::constant, token);
        node.constant = std::move(value);
        return add(std::move(node));
    }

    /// From the byte `start` to the end of the token before the next one.
    void span(Node& node, std::size_t start) const {
        const Token& last = tokens_[at_ - 1];
        node.offset = start;
        node.length = last.offset + last.length - start;
    }

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

    int add_binary(const Token& token, BinaryOp op, int a, int b) {
        Node node = make(NodeKind::binary, token, {a, b});
        node.binary_op = op;
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
        return variable(token);
    }

    int module_member() {
        const Token& module = take();
        take();
        if (here().kind != TokenKind::name) unexpected("a name");
        const Token& token = take();
        const auto* function = find_function(token.text);
        if (function != nullptr && function->module == module.text) return here().is("(") ? call(token, function) : variable(token);
        const auto* constant = find_constant(token.text);
        if (constant != nullptr && constant->in_math && module.is("math")) return add_constant(token, constant->value);
        const std::string hint = function != nullptr ? "it is " + function->signature : unknown_name(token.text, kNoVariables, true).hint;
        report_.note(module.offset, token.offset + token.length - module.offset, std::string(module.text) + " has no " + quoted(token.text),
                     hint);
        if (here().is("(")) (void)arguments(take());
        return add_constant(token, Value());
    }

    /// A name without a call behind it. An error is noted and an empty value stands in, so that all are found at once.
    int variable(const Token& token) {
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

    void use(std::string spelling, const VariableName* variable) {
        syntax_.groups |= variable->group;
        const auto known = [&](const UsedVariable& used) { return used.variable == variable; };
        if (std::none_of(syntax_.variables.begin(), syntax_.variables.end(), known))
            syntax_.variables.push_back({std::move(spelling), variable});
    }

    void note(const Token& token, const NameComplaint& complaint, bool with_path) {
        report_.note(token.offset, token.length, complaint.message, complaint.hint, with_path);
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

    int call(const Token& name, const Function* function) {
        const Token& open = take();
        const auto given = arguments(open);
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

    std::string_view text_;
    unsigned groups_;
    int nesting_ = 0;
    Syntax syntax_;
};

}  // namespace

Syntax parse(std::string_view text, const SourceLoc& where, std::string_view path, unsigned groups) {
    return Parser(text, where, path, groups).run();
}

}  // namespace clipig::expr
