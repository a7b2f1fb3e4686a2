// The tokens of an expression, taken one after the other.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "expr/lexer.h"

namespace clipig::expr {

class TokenReader {
public:
    explicit TokenReader(Report report) : report_(std::move(report)) {}

protected:
    [[nodiscard]] const Token& here() const { return tokens_[at_]; }
    [[nodiscard]] const Token& ahead(std::size_t n = 1) const { return tokens_[std::min(at_ + n, tokens_.size() - 1)]; }

    const Token& take() {
        const Token& token = tokens_[at_];
        if (token.kind != TokenKind::end) ++at_;
        return token;
    }

    bool take_if(std::string_view text) {
        if (!here().is(text)) return false;
        ++at_;
        return true;
    }

    [[noreturn]] void unexpected(const std::string& wanted) {
        const Token& token = here();
        if (token.kind == TokenKind::end) report_.stop(token.offset, 1, "the expression ends where " + wanted + " should be");
        const std::string shown = token.kind == TokenKind::string ? std::string("a string") : quoted(token.text);
        std::string hint;
        if (token.is("=")) hint = "to compare, write '=='";
        if (token.is("for")) hint = "there are no comprehensions and loops";
        if (token.is("lambda")) hint = "there are no lambdas";
        report_.stop(token.offset, token.length, "expected " + wanted + ", not " + shown, hint);
    }

    void close(std::string_view symbol, const Token& open) {
        if (take_if(symbol)) return;
        if (here().kind == TokenKind::end) {
            report_.stop(open.offset, open.length, "'" + std::string(open.text) + "' is never closed", "add '" + std::string(symbol) + "'");
        }
        unexpected("an operator, ',' or '" + std::string(symbol) + "'");
    }

    Report report_;
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
};

}  // namespace clipig::expr
