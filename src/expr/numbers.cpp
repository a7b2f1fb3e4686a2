#include "expr/numbers.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/text.h"

namespace clipig::expr {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// For a decimal text out of double's range: whether it is too large (else it is too small).
bool is_huge(std::string_view text) {
    const auto mark = text.find_first_of("eE");
    const auto mantissa = text.substr(0, mark);
    auto exponent_text = mark == std::string_view::npos ? std::string_view("0") : text.substr(mark + 1);
    const bool negative = exponent_text.starts_with('-');
    if (negative || exponent_text.starts_with('+')) exponent_text.remove_prefix(1);
    std::int64_t exponent = 0;
    for (const char c : exponent_text) exponent = std::min<std::int64_t>(exponent * 10 + (c - '0'), 1'000'000'000);
    if (negative) exponent = -exponent;
    const auto point = std::min(mantissa.find('.'), mantissa.size());
    const auto first = mantissa.find_first_of("123456789");
    if (first == std::string_view::npos) return false;
    return exponent + static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first) > 0;
}

int digit_value(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'z') return c - 'a' + 10;
    if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
    return 99;
}

int take_base(std::string_view& text) {
    if (text.size() < 3 || text[0] != '0') return 10;
    const char c = static_cast<char>(text[1] | 0x20);
    const int base = c == 'x' ? 16 : c == 'o' ? 8 : c == 'b' ? 2 : 10;
    if (base != 10) {
        text.remove_prefix(2);
        if (text[0] == '_') text.remove_prefix(1);
    }
    return base;
}

}  // namespace

std::optional<std::string> without_underscores(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '_') {
            result += text[i];
        } else if (i == 0 || i + 1 == text.size() || !is_digit(text[i - 1]) || !is_digit(text[i + 1])) {
            return std::nullopt;
        }
    }
    return result;
}

std::optional<double> parse_decimal(std::string_view text) {
    const auto clean = without_underscores(text);
    if (!clean || clean->empty() || !(is_digit((*clean)[0]) || (*clean)[0] == '.')) return std::nullopt;
    double value = 0;
    const char* end = clean->data() + clean->size();
    const auto result = std::from_chars(clean->data(), end, value, std::chars_format::general);
    if (result.ptr != end) return std::nullopt;
    if (result.ec == std::errc::result_out_of_range) return is_huge(*clean) ? std::numeric_limits<double>::infinity() : 0.0;
    if (result.ec != std::errc{}) return std::nullopt;
    return value;
}

std::optional<double> parse_float(std::string_view text) {
    text = trim(text);
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    const std::string word = lower(text.substr(0, 9));
    std::optional<double> value;
    if (word == "inf" || (word == "infinity" && text.size() == 8)) {
        value = std::numeric_limits<double>::infinity();
    } else if (word == "nan") {
        value = std::numeric_limits<double>::quiet_NaN();
    } else {
        value = parse_decimal(text);
    }
    if (value && negative) value = -*value;
    return value;
}

IntegerStatus parse_magnitude(std::string_view text, std::uint64_t& magnitude) {
    const std::string_view all = text;
    const int base = take_base(text);
    if (text.empty() || text.front() == '_' || text.back() == '_') return IntegerStatus::malformed;
    constexpr std::uint64_t limit = std::uint64_t{1} << 63;
    bool too_large = false;
    bool only_zeros = true;
    char previous = ' ';
    magnitude = 0;
    for (const char c : text) {
        if (c == '_' && previous == '_') return IntegerStatus::malformed;
        previous = c;
        if (c == '_') continue;
        const int digit = digit_value(c);
        if (digit >= base) return IntegerStatus::malformed;
        only_zeros = only_zeros && digit == 0;
        const auto wide = static_cast<std::uint64_t>(digit);
        if (!too_large && magnitude > (limit - wide) / static_cast<std::uint64_t>(base)) too_large = true;
        if (!too_large) magnitude = magnitude * static_cast<std::uint64_t>(base) + wide;
    }
    if (base == 10 && all.size() > 1 && all[0] == '0' && !only_zeros) return IntegerStatus::malformed;
    return too_large ? IntegerStatus::too_large : IntegerStatus::good;
}

std::string float_repr(double value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    if (value == 0) return std::signbit(value) ? "-0.0" : "0.0";
    std::array<char, 64> buffer{};
    // 1e16 and 1e-4 are where Python's repr changes to the exponent (PyOS_double_to_string, format 'r')
    const double size = std::abs(value);
    const bool plain = size >= 1e-4 && size < 1e16;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                   plain ? std::chars_format::fixed : std::chars_format::scientific);
    std::string text(buffer.data(), end.ptr);
    if (plain && text.find('.') == std::string::npos) text += ".0";
    return text;
}

std::size_t utf8_sequence(std::string_view text, std::size_t offset) {
    const auto lead = static_cast<unsigned char>(text[offset]);
    const std::size_t count = lead >= 0xF0 && lead < 0xF5 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1;
    if (lead >= 0xF5 || offset + count > text.size()) return 1;
    for (std::size_t i = 1; i < count; ++i) {
        if ((static_cast<unsigned char>(text[offset + i]) & 0xC0) != 0x80) return 1;
    }
    return count;
}

void append_utf8(std::string& text, std::uint32_t c) {
    if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) c = 0xFFFD;
    if (c < 0x80) {
        text += static_cast<char>(c);
    } else if (c < 0x800) {
        text += static_cast<char>(0xC0 | (c >> 6));
        text += static_cast<char>(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        text += static_cast<char>(0xE0 | (c >> 12));
        text += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
        text += static_cast<char>(0x80 | (c & 0x3F));
    } else {
        text += static_cast<char>(0xF0 | (c >> 18));
        text += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
        text += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
        text += static_cast<char>(0x80 | (c & 0x3F));
    }
}

namespace {

void append_hex_escape(std::string& text, unsigned byte) {
    constexpr std::string_view digits = "0123456789abcdef";
    text += "\\x";
    text += digits[(byte >> 4) & 15];
    text += digits[byte & 15];
}

}  // namespace

std::string string_repr(std::string_view text) {
    const char quote = text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos ? '"' : '\'';
    std::string result(1, quote);
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t count = utf8_sequence(text, i);
        const auto byte = static_cast<unsigned char>(text[i]);
        const auto second = static_cast<unsigned char>(count == 2 ? text[i + 1] : 0);
        if (byte == '\n') {
            result += "\\n";
        } else if (byte == '\r') {
            result += "\\r";
        } else if (byte == '\t') {
            result += "\\t";
        } else if (byte == '\\' || text[i] == quote) {
            result += {'\\', text[i]};
        } else if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && count == 1)) {
            append_hex_escape(result, byte);
        } else if (byte == 0xC2 && (second <= 0xA0 || second == 0xAD)) {
            append_hex_escape(result, second);  // control characters, no-break space and soft hyphen
        } else {
            result += text.substr(i, count);
        }
        i += count;
    }
    return result + quote;
}

}  // namespace clipig::expr
