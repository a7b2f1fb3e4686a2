#include "expr/lexer.h"

#include <array>
#include <utility>

#include "expr/numbers.h"

namespace clipig::expr {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_part(char c) { return is_name_start(c) || is_digit(c); }

constexpr std::array<std::string_view, 23> kSymbols{"**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "<",
                                                    ">",  "(",  ")",  "[",  "]",  "{",  "}", ",", ":", ".", "="};

/// What other languages write, and what to write here.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kForeign{{{"&&", "write 'and'"},
                                                                                  {"||", "write 'or'"},
                                                                                  {"<>", "write '!='"},
                                                                                  {"<<", "there are no bit operators"},
                                                                                  {">>", "there are no bit operators"},
                                                                                  {"!", "write 'not'"},
                                                                                  {"^", "a power is written '**'"},
                                                                                  {"?", "a choice is written 'a if condition else b'"},
                                                                                  {"&", "write 'and'; there are no bit operators"},
                                                                                  {"|", "write 'or'; there are no bit operators"},
                                                                                  {"~", "there are no bit operators"}}};

class Lexer {
public:
    Lexer(std::string_view text, Report& report) : text_(text), report_(report) {}

    std::vector<Token> run() {
        std::vector<Token> tokens;
        for (;;) {
            skip_space();
            if (at_ == text_.size()) break;
            tokens.push_back(next());
        }
        tokens.push_back({TokenKind::end, text_.size(), 0});
        return tokens;
    }

private:
    [[nodiscard]] char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

    void skip_space() {
        while (at_ < text_.size() && (peek() == ' ' || (peek() >= '\t' && peek() <= '\r'))) ++at_;
    }

    Token token(TokenKind kind, std::size_t start) const { return {kind, start, at_ - start, text_.substr(start, at_ - start)}; }

    Token next() {
        const std::size_t start = at_;
        const char c = peek();
        if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
        if (c == '\'' || c == '"') return string();
        if (is_name_start(c)) {
            while (is_name_part(peek())) ++at_;
            return token(TokenKind::name, start);
        }
        for (const auto& [symbol, hint] : kForeign) {
            if (text_.substr(at_).starts_with(symbol) && !text_.substr(at_).starts_with("!=")) {
                report_.stop(at_, symbol.size(), "'" + std::string(symbol) + "' is no operator", std::string(hint));
            }
        }
        for (const auto symbol : kSymbols) {
            if (symbol.empty() || !text_.substr(at_).starts_with(symbol)) continue;
            at_ += symbol.size();
            return token(TokenKind::symbol, start);
        }
        const std::size_t count = utf8_sequence(text_, at_);
        report_.stop(at_, count, "unexpected character " + string_repr(text_.substr(at_, count)));
    }

    void digits() {
        while (is_digit(peek()) || peek() == '_') ++at_;
    }

    /// Moves behind the literal; true when it is a float.
    bool scan_number() {
        const char base = static_cast<char>(peek(1) | 0x20);
        if (peek() == '0' && (base == 'x' || base == 'o' || base == 'b')) {
            while (is_name_part(peek())) ++at_;
            return false;
        }
        bool real = false;
        digits();
        if (peek() == '.') {
            real = true;
            ++at_;
            digits();
        }
        const bool has_sign = peek(1) == '+' || peek(1) == '-';
        if ((peek() == 'e' || peek() == 'E') && is_digit(peek(has_sign ? 2 : 1))) {
            real = true;
            at_ += has_sign ? 2 : 1;
            digits();
        }
        return real;
    }

    Token number() {
        const std::size_t start = at_;
        const bool real = scan_number();
        if (is_name_part(peek())) {
            const std::size_t end = at_;
            while (is_name_part(peek())) ++at_;
            const std::string left(text_.substr(start, end - start));
            const std::string right(text_.substr(end, at_ - end));
            report_.stop(start, at_ - start, "'" + left + right + "' is no number",
                         is_name_start(right[0]) && right[0] != '_' ? "a product is written " + left + "*" + right : "");
        }
        Token result = token(TokenKind::number, start);
        if (real) {
            const auto value = parse_decimal(result.text);
            if (!value) report_.stop(start, result.length, "'" + std::string(result.text) + "' is no number");
            result.value = *value;
        } else {
            integer(result);
        }
        return result;
    }

    void integer(Token& result) {
        std::uint64_t magnitude = 0;
        const auto status = parse_magnitude(result.text, magnitude);
        if (status == IntegerStatus::malformed) {
            const bool zero = result.text.size() > 1 && result.text[0] == '0' && is_digit(result.text[1]);
            report_.stop(result.offset, result.length, "'" + std::string(result.text) + "' is no number",
                         zero ? "leave out the leading zeros" : "");
        }
        if (status == IntegerStatus::too_large) {
            report_.stop(result.offset, result.length, "integer too large", "an int has 64 bits; with a point it is a float");
        }
        result.two_to_63 = magnitude >> 63 != 0;
        if (!result.two_to_63) result.value = static_cast<std::int64_t>(magnitude);
    }

    Token string() {
        const std::size_t start = at_;
        const char quote = text_[at_++];
        std::string value;
        for (;;) {
            if (at_ == text_.size() || peek() == '\n')
                report_.stop(start, 1, "this string has no end", std::string("close it with ") + quote);
            const char c = text_[at_++];
            if (c == quote) break;
            if (c != '\\') {
                value += c;
            } else {
                escape(value);
            }
        }
        Token result = token(TokenKind::string, start);
        result.value = std::move(value);
        return result;
    }

    /// Behind a backslash. As in Python an unknown escape stays as it is written.
    void escape(std::string& value) {
        constexpr std::string_view letters = "abfnrtv\\'\"";
        constexpr std::string_view meanings = "\a\b\f\n\r\t\v\\'\"";
        if (at_ == text_.size()) return;
        const char c = text_[at_++];
        const auto simple = letters.find(c);
        if (simple != std::string_view::npos) {
            value += meanings[simple];
        } else if (c == '\n') {
            return;
        } else if (c >= '0' && c <= '7') {
            --at_;
            append_utf8(value, code_point(8, 3));
        } else if (c == 'x' || c == 'u' || c == 'U') {
            const std::size_t count = c == 'x' ? 2 : c == 'u' ? 4 : 8;
            const std::size_t start = at_;
            const std::uint32_t code = code_point(16, count);
            if (at_ - start != count || code > 0x10FFFF) {
                report_.stop(start - 2, at_ - start + 2,
                             std::string("the escape \\") + c + " needs " + std::to_string(count) + " hexadecimal digits");
            }
            append_utf8(value, code);
        } else {
            value += {'\\', c};
        }
    }

    std::uint32_t code_point(std::uint32_t base, std::size_t most) {
        std::uint32_t code = 0;
        for (std::size_t i = 0; i < most; ++i) {
            const char c = static_cast<char>(peek() | 0x20);
            const std::uint32_t digit = is_digit(peek())       ? static_cast<std::uint32_t>(peek() - '0')
                                        : c >= 'a' && c <= 'f' ? static_cast<std::uint32_t>(c - 'a' + 10)
                                                               : 99;
            if (digit >= base) break;
            code = code * base + digit;
            ++at_;
        }
        return code;
    }

    std::string_view text_;
    Report& report_;
    std::size_t at_ = 0;
};

}  // namespace

std::vector<Token> tokenize(std::string_view text, Report& report) { return Lexer(text, report).run(); }

}  // namespace clipig::expr
