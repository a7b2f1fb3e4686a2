// `+ - * / // % **` as Objects/longobject.c and Objects/floatobject.c of CPython define them, with ints of 64 bits.
#include <cmath>
#include <limits>

#include "expr/operators.h"

namespace clipig::expr {
namespace {

constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();

[[noreturn]] void too_large() { fail("integer too large"); }
[[noreturn]] void zero_division() { fail("division by zero"); }

const char* symbol(BinaryOp op) {
    constexpr const char* symbols[] = {"+", "-", "*", "/", "//", "%", "**"};
    return symbols[static_cast<std::size_t>(op)];
}

std::int64_t checked_multiply(std::int64_t a, std::int64_t b) {
    std::int64_t result = 0;
    if (__builtin_mul_overflow(a, b, &result)) too_large();
    return result;
}

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
    if (b == 0) zero_division();
    if (a == kLowest && b == -1) too_large();
    const std::int64_t quotient = a / b;
    return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

std::int64_t floor_modulo(std::int64_t a, std::int64_t b) {
    if (b == 0) zero_division();
    if (b == -1) return 0;
    const std::int64_t rest = a % b;
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

double float_power(double a, double b) {
    if (a == 0 && b < 0) fail("division by zero, a negative power of zero,");
    const double result = std::pow(a, b);
    if (std::isnan(result) && !std::isnan(a) && !std::isnan(b)) fail("domain error, a negative number to a fractional power,");
    if (std::isinf(result) && std::isfinite(a) && std::isfinite(b)) fail("result too large");
    return result;
}

Value integer_power(std::int64_t base, std::int64_t exponent) {
    if (exponent < 0) return float_power(static_cast<double>(base), static_cast<double>(exponent));
    if (base == 0 || base == 1) return exponent == 0 ? std::int64_t{1} : base;
    if (base == -1) return exponent % 2 == 0 ? std::int64_t{1} : std::int64_t{-1};
    std::int64_t result = 1;
    for (;;) {
        if (exponent & 1) result = checked_multiply(result, base);
        exponent >>= 1;
        if (exponent == 0) return result;
        base = checked_multiply(base, base);
    }
}

Value integer_binary(BinaryOp op, std::int64_t a, std::int64_t b) {
    std::int64_t result = 0;
    switch (op) {
        case BinaryOp::add:
            if (__builtin_add_overflow(a, b, &result)) too_large();
            return result;
        case BinaryOp::subtract:
            if (__builtin_sub_overflow(a, b, &result)) too_large();
            return result;
        case BinaryOp::multiply: return checked_multiply(a, b);
        case BinaryOp::divide:
            if (b == 0) zero_division();
            // the 64 bits of a long double keep both operands exact where the type is that wide
            return static_cast<double>(static_cast<long double>(a) / static_cast<long double>(b));
        case BinaryOp::floor_divide: return floor_divide(a, b);
        case BinaryOp::modulo: return floor_modulo(a, b);
        case BinaryOp::power: break;
    }
    return integer_power(a, b);
}

double float_modulo(double a, double b) {
    if (b == 0) zero_division();
    const double rest = std::fmod(a, b);
    if (rest == 0) return std::copysign(0.0, b);
    return (b < 0) != (rest < 0) ? rest + b : rest;
}

double float_floor_divide(double a, double b) {
    if (b == 0) zero_division();
    const double rest = std::fmod(a, b);
    double quotient = (a - rest) / b;
    if (rest != 0 && (b < 0) != (rest < 0)) quotient -= 1;
    if (quotient == 0) return std::copysign(0.0, a / b);
    const double floored = std::floor(quotient);
    return quotient - floored > 0.5 ? floored + 1 : floored;
}

Value float_binary(BinaryOp op, double a, double b) {
    switch (op) {
        case BinaryOp::add: return a + b;
        case BinaryOp::subtract: return a - b;
        case BinaryOp::multiply: return a * b;
        case BinaryOp::divide:
            if (b == 0) zero_division();
            return a / b;
        case BinaryOp::floor_divide: return float_floor_divide(a, b);
        case BinaryOp::modulo: return float_modulo(a, b);
        case BinaryOp::power: break;
    }
    return float_power(a, b);
}

/// How many entries `size` times `count` makes, within the limits.
std::size_t repeated_size(std::size_t size, std::int64_t count, Runtime& runtime) {
    if (count <= 0 || size == 0) return 0;
    if (static_cast<std::uint64_t>(count) > kMaxElements) fail("result too large: more than 1000000 entries");
    const std::size_t total = size * static_cast<std::size_t>(count);
    runtime.spend_new(total);
    return total;
}

Value repeat(const Value& sequence, std::int64_t count, Runtime& runtime) {
    if (sequence.is_string()) {
        const std::string& text = string_of(sequence);
        const std::size_t total = repeated_size(text.size(), count, runtime);
        std::string result;
        result.reserve(total);
        while (result.size() < total) result += text;
        return result;
    }
    const ValueList& list = list_of(sequence);
    const std::size_t total = repeated_size(list.size(), count, runtime);
    ValueList result;
    result.reserve(total);
    while (result.size() < total) result.insert(result.end(), list.begin(), list.end());
    return result;
}

Value concatenate(const Value& a, const Value& b, Runtime& runtime) {
    if (a.is_string()) {
        runtime.spend_new(string_of(a).size() + string_of(b).size());
        return string_of(a) + string_of(b);
    }
    runtime.spend_new(list_of(a).size() + list_of(b).size());
    ValueList result = list_of(a);
    result.insert(result.end(), list_of(b).begin(), list_of(b).end());
    return result;
}

}  // namespace

std::int64_t integer_of(const Value& value) {
    return value.is_bool() ? (std::get<bool>(value.data()) ? 1 : 0) : std::get<std::int64_t>(value.data());
}

std::int64_t to_integer(double value) {
    if (std::isnan(value)) fail("nan is no integer");
    // 2^63 is a double; the largest double below it fits
    if (!(value >= -0x1p63 && value < 0x1p63)) too_large();
    return static_cast<std::int64_t>(value);
}

Value unary(UnaryOp op, const Value& value) {
    if (!value.is_number()) fail(std::string("bad operand for unary ") + (op == UnaryOp::minus ? "-" : "+") + ": " + value.type_name());
    if (value.is_float()) return op == UnaryOp::minus ? -value.number() : value.number();
    const std::int64_t integer = integer_of(value);
    if (op == UnaryOp::plus) return integer;
    if (integer == kLowest) too_large();
    return -integer;
}

Value binary(BinaryOp op, const Value& a, const Value& b, Runtime& runtime) {
    if (a.is_number() && b.is_number()) {
        if (a.is_float() || b.is_float()) return float_binary(op, a.number(), b.number());
        return integer_binary(op, integer_of(a), integer_of(b));
    }
    const auto sequence = [](const Value& value) { return value.is_string() || value.is_list(); };
    if (op == BinaryOp::add && sequence(a) && a.data().index() == b.data().index()) return concatenate(a, b, runtime);
    if (op == BinaryOp::multiply && sequence(a) && is_integral(b)) return repeat(a, integer_of(b), runtime);
    if (op == BinaryOp::multiply && sequence(b) && is_integral(a)) return repeat(b, integer_of(a), runtime);
    fail(std::string("cannot compute ") + a.type_name() + " " + symbol(op) + " " + b.type_name());
}

}  // namespace clipig::expr
