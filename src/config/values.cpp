#include "config/values.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "base/text.h"
#include "expr/numbers.h"

namespace clipig {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::optional<Value> special_of(std::string_view unsigned_text, bool negative) {
    const std::string word = lower(unsigned_text);
    if (word == ".inf") return Value(negative ? -HUGE_VAL : HUGE_VAL);
    if (word == ".nan") return Value(std::nan(""));
    return std::nullopt;
}

std::optional<Value> integer_of(std::string_view digits, bool negative, int base) {
    std::uint64_t magnitude = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude, base);
    if (digits.empty() || read.ptr != digits.data() + digits.size()) return std::nullopt;
    const std::uint64_t limit = static_cast<std::uint64_t>(INT64_MAX) + (negative ? 1 : 0);
    if (read.ec == std::errc::result_out_of_range || magnitude > limit) {
        double value = 0;
        if (base == 10) std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return base == 10 ? std::optional(Value(negative ? -value : value)) : std::nullopt;
    }
    return Value(static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude));
}

/// digits [. digits] [e [sign] digits], with a digit before or behind the point.
bool is_float_syntax(std::string_view text) {
    std::size_t i = 0;
    std::size_t digits = 0;
    while (i < text.size() && is_digit(text[i])) ++i, ++digits;
    if (i < text.size() && text[i] == '.') ++i;
    while (i < text.size() && is_digit(text[i])) ++i, ++digits;
    if (digits == 0) return false;
    if (i == text.size()) return true;
    if (text[i] != 'e' && text[i] != 'E') return false;
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    const std::size_t exponent = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i > exponent && i == text.size();
}

/// from_chars answers with "out of range" for both 1e999 and 1e-999.
double float_of(const std::string& text) {
    double value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc::result_out_of_range) return value;
    const std::size_t e = text.find_first_of("eE");
    return e != std::string::npos && e + 1 < text.size() && text[e + 1] == '-' ? 0.0 : HUGE_VAL;
}

/// Calls `found(begin, end)` for each run between separators at bracket depth 0.
template <class IsSeparator, class Found>
void split_at_depth_zero(std::string_view text, IsSeparator is_separator, Found found) {
    int depth = 0;
    char quote = '\0';
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote != '\0') {
            if (c == '\\')
                ++i;
            else if (c == quote)
                quote = '\0';
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (c == '(' || c == '[' || c == '{') {
            ++depth;
        } else if (c == ')' || c == ']' || c == '}') {
            --depth;
        } else if (depth == 0 && is_separator(c)) {
            found(begin, i);
            begin = i + 1;
        }
    }
    found(begin, text.size());
}

std::string range_text(const FieldSpec& field) {
    const bool low = std::isfinite(field.minimum);
    const bool high = std::isfinite(field.maximum);
    const std::string minimum = number_text(field.minimum);
    if (low && high)
        return (field.minimum_exclusive ? "above " + minimum + " and at most " : "from " + minimum + " to ") + number_text(field.maximum);
    if (low) return (field.minimum_exclusive ? "above " : "at least ") + minimum;
    return "at most " + number_text(field.maximum);
}

std::variant<Value, std::string> ranged(const FieldSpec& field, Value value) {
    const double number = value.number();
    if (std::isnan(number)) return std::string("must be a number, not nan");
    const bool low = field.minimum_exclusive ? number <= field.minimum && std::isfinite(field.minimum) : number < field.minimum;
    if (low || number > field.maximum) return "must be " + range_text(field) + ", not " + value.repr();
    return value;
}

std::string wrong_type(const FieldSpec& field, const Value& value) { return "must be " + entry_text(field) + ", not " + value.repr(); }

std::variant<Value, std::string> fit_integer(const FieldSpec& field, const Value& value, Origin origin) {
    if (!value.is_number() || (value.is_bool() && origin == Origin::written)) return wrong_type(field, value);
    if (!value.is_float())
        return ranged(field, Value(static_cast<std::int64_t>(value.is_bool() ? value.truth() : std::get<std::int64_t>(value.data()))));
    const double whole = std::trunc(value.number());
    if (whole != value.number() && origin == Origin::written) return wrong_type(field, value);
    if (!(std::abs(whole) < 9.2e18)) return "must be an integer of 64 bits, not " + value.repr();
    return ranged(field, Value(static_cast<std::int64_t>(whole)));
}

std::variant<Value, std::string> fit_text(const FieldSpec& field, const Value& value) {
    if (!value.is_string()) return wrong_type(field, value);
    const std::string& text = std::get<std::string>(value.data());
    if (field.choices.empty()) return value;
    for (const std::string& choice : field.choices) {
        if (lower(choice) == lower(text)) return Value(choice);
    }
    return "must be one of " + join(field.choices, ", ") + ", not " + value.repr();
}

std::variant<Value, std::string> fit_frame_time(const FieldSpec& field, const Value& value) {
    if (!value.is_int() && !value.is_float()) return wrong_type(field, value);
    if (!(value.number() >= 0)) return "must not be negative, not " + value.repr();
    if (value.is_float() && value.number() > 1) return "a fraction of the run must lie in 0..1, not " + value.repr();
    return value;
}

}  // namespace

std::optional<Value> number_of(std::string_view text) {
    text = trim(text);
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    if (text.empty() || text.size() > 400 || (!is_digit(text[0]) && text[0] != '.')) return std::nullopt;
    if (const auto special = special_of(text, negative)) return special;
    const auto digits = expr::without_underscores(text);
    if (!digits) return std::nullopt;
    if (digits->starts_with("0x") || digits->starts_with("0X")) return integer_of(std::string_view(*digits).substr(2), negative, 16);
    if (std::all_of(digits->begin(), digits->end(), is_digit)) return integer_of(*digits, negative, 10);
    if (!is_float_syntax(*digits)) return std::nullopt;
    const double value = float_of(*digits);
    return Value(negative ? -value : value);
}

std::optional<bool> boolean_of(std::string_view text) {
    const std::string word = lower(trim(text));
    if (word == "yes" || word == "on" || word == "true") return true;
    if (word == "no" || word == "off" || word == "false") return false;
    return std::nullopt;
}

std::vector<TextPiece> split_commas(std::string_view text) {
    std::vector<TextPiece> pieces;
    split_at_depth_zero(
        text, [](char c) { return c == ','; },
        [&](std::size_t begin, std::size_t end) {
            const std::string_view piece = text.substr(begin, end - begin);
            const std::size_t blanks = std::min(piece.find_first_not_of(" \t\r\n"), piece.size());
            pieces.push_back({std::string(trim(piece)), begin + blanks});
        });
    if (pieces.size() > 1 && pieces.back().text.empty()) pieces.pop_back();  // `1, 2,`
    return pieces;
}

std::vector<TextPiece> split_spaces(std::string_view text) {
    std::vector<TextPiece> pieces;
    split_at_depth_zero(text, is_blank, [&](std::size_t begin, std::size_t end) {
        if (end > begin) pieces.push_back({std::string(text.substr(begin, end - begin)), begin});
    });
    return pieces;
}

std::variant<Value, std::string> fit(const FieldSpec& field, const Value& value, Origin origin) {
    switch (field.type) {
        case FieldType::boolean:
            if (value.is_bool() || value.is_int()) return Value(value.truth());
            return wrong_type(field, value);
        case FieldType::integer: return fit_integer(field, value, origin);
        case FieldType::real:
            if (!value.is_number() || (value.is_bool() && origin == Origin::written)) return wrong_type(field, value);
            return ranged(field, Value(value.number()));
        case FieldType::interval:
            if (!value.is_int() && !value.is_float()) return wrong_type(field, value);
            return ranged(field, value);
        case FieldType::frame_time: return fit_frame_time(field, value);
        case FieldType::text: return fit_text(field, value);
        case FieldType::op:
        case FieldType::section:
        case FieldType::any: break;
    }
    return value;
}

std::string entry_text(const FieldSpec& field) {
    switch (field.type) {
        case FieldType::boolean: return "true or false";
        case FieldType::integer: return "an integer";
        case FieldType::real: return "a number";
        case FieldType::interval: return "a number of seconds (float) or epochs (int)";
        case FieldType::frame_time: return "an epoch (30), a fraction of the run (.3) or a percentage (30%)";
        case FieldType::text: return field.choices.empty() ? "a text" : "one of " + join(field.choices, ", ");
        case FieldType::op: return "the name of an operator";
        case FieldType::section: return "a map of `key: value`";
        case FieldType::any: break;
    }
    return "a value";
}

std::string expected_text(const FieldSpec& field) {
    if (!is_multiple(field)) return entry_text(field);
    const std::string noun = field.type == FieldType::integer ? "integers" : field.type == FieldType::text ? "texts" : "numbers";
    if (field.list) return "a list of " + noun;
    std::string counts;
    for (std::size_t i = 0; i < field.counts.size(); ++i) counts += (i > 0 ? " or " : "") + std::to_string(field.counts[i]);
    return counts + " " + noun;
}

bool count_allowed(const FieldSpec& field, std::size_t count) {
    return field.list || std::any_of(field.counts.begin(), field.counts.end(), [&](int c) { return static_cast<std::size_t>(c) == count; });
}

bool is_multiple(const FieldSpec& field) { return field.list || field.counts.size() > 1 || (!field.counts.empty() && field.counts[0] > 1); }

}  // namespace clipig
