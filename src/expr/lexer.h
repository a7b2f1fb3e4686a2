// Text of an expression into tokens.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "expr/report.h"
#include "expr/value.h"

namespace clipig::expr {

enum class TokenKind { number, string, name, symbol, end };

struct Token {
    TokenKind kind = TokenKind::end;
    std::size_t offset = 0;   ///< bytes from the start of the expression
    std::size_t length = 0;   ///< bytes; 0 at the end
    std::string_view text{};  ///< as written
    Value value{};            ///< of a number or string
    bool two_to_63 = false;   ///< the literal 9223372036854775808, which is an int behind a minus only

    [[nodiscard]] bool is(std::string_view symbol_or_name) const {
        return (kind == TokenKind::symbol || kind == TokenKind::name) && text == symbol_or_name;
    }
};

/// All tokens, the last one of kind `end`. Throws ConfigError through the report. The text must outlive the tokens.
[[nodiscard]] std::vector<Token> tokenize(std::string_view text, Report& report);

}  // namespace clipig::expr
