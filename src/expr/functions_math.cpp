// The functions of Python's math module on floats. Errors follow Modules/mathmodule.c: a nan or an infinity that no
// argument brought along is a domain error or an overflow.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "expr/functions.h"

namespace clipig::expr {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Value checked(const Call& call, double result, bool may_overflow = false) {
    bool all_finite = true;
    bool any_nan = false;
    for (const auto& argument : call.args) {
        if (!argument.is_number()) continue;
        all_finite = all_finite && std::isfinite(argument.number());
        any_nan = any_nan || std::isnan(argument.number());
    }
    if (std::isnan(result) && !any_nan) call.domain_error();
    if (std::isinf(result) && all_finite) {
        if (may_overflow) fail("result too large");
        call.domain_error();
    }
    return result;
}

/// `double (*)(double)` of the C library as a function of the language.
template <double (*f)(double), bool may_overflow = false>
Value plain(const Call& call) {
    return checked(call, f(call.real(0)), may_overflow);
}

template <double (*f)(double, double), bool may_overflow = false>
Value plain2(const Call& call) {
    return checked(call, f(call.real(0), call.real(1)), may_overflow);
}

Value log_function(const Call& call) {
    const auto natural = [&](double x) {
        if (x <= 0) call.domain_error();
        return std::log(x);
    };
    const double result = natural(call.real(0));
    if (call.missing(1)) return result;
    const double base = natural(call.real(1));
    if (base == 0) fail("division by zero, a logarithm to base 1,");
    return result / base;
}

double power_of_two(double x) { return std::exp2(x); }

Value fmod_function(const Call& call) {
    const double x = call.real(0);
    const double y = call.real(1);
    if (std::isinf(y) && std::isfinite(x)) return x;
    return checked(call, std::fmod(x, y));
}

Value power(const Call& call) {
    const double x = call.real(0);
    const double y = call.real(1);
    const double result = std::pow(x, y);
    if (x == 0 && y < 0 && std::isfinite(y)) call.domain_error();
    if (std::isnan(result) && !std::isnan(x) && !std::isnan(y)) call.domain_error();
    if (std::isinf(result) && std::isfinite(x) && std::isfinite(y)) fail("result too large");
    return result;
}

Value ldexp_function(const Call& call) {
    const double x = call.real(0);
    const std::int64_t exponent = std::clamp<std::int64_t>(call.integer(1), -100'000, 100'000);
    const double result = std::ldexp(x, static_cast<int>(exponent));
    if (std::isinf(result) && std::isfinite(x)) fail("result too large");
    return result;
}

Value frexp_function(const Call& call) {
    const double x = call.real(0);
    if (!std::isfinite(x)) return ValueList{x, 0};
    int exponent = 0;
    const double mantissa = std::frexp(x, &exponent);
    return ValueList{mantissa, exponent};
}

Value modf_function(const Call& call) {
    double whole = 0;
    const double fraction = std::modf(call.real(0), &whole);
    return ValueList{fraction, whole};
}

Value gamma_function(const Call& call) {
    const double x = call.real(0);
    if (x == -kInfinity || (std::isfinite(x) && x <= 0 && std::floor(x) == x)) call.domain_error();
    if (x <= 23 && std::floor(x) == x) {  // exact, as in Python: 22! is the largest factorial that a double holds
        double product = 1;
        for (double factor = 2; factor < x; ++factor) product *= factor;
        return product;
    }
    return checked(call, std::tgamma(x), true);
}

Value lgamma_function(const Call& call) {
    const double x = call.real(0);
    if (std::isfinite(x) && x <= 0 && std::floor(x) == x) call.domain_error();
    if (x == 1 || x == 2) return 0.0;
    return checked(call, std::lgamma(x), true);
}

Value remainder_function(const Call& call) {
    const double x = call.real(0);
    const double y = call.real(1);
    if (!std::isnan(x) && !std::isnan(y) && (std::isinf(x) || y == 0)) call.domain_error();
    return std::remainder(x, y);
}

Value ulp_function(const Call& call) {
    const double x = std::abs(call.real(0));
    if (!std::isfinite(x)) return x;
    const double next = std::nextafter(x, kInfinity);
    return std::isinf(next) ? x - std::nextafter(x, 0.0) : next - x;
}

Value isclose_function(const Call& call) {
    const double a = call.real(0);
    const double b = call.real(1);
    const double relative = call.real(2, 1e-9);
    const double absolute = call.real(3, 0);
    if (relative < 0 || absolute < 0) call.wrong("needs tolerances that are not negative");
    if (a == b) return true;
    if (std::isinf(a) || std::isinf(b)) return false;
    const double difference = std::abs(b - a);
    return difference <= std::abs(relative * b) || difference <= std::abs(relative * a) || difference <= absolute;
}

/// To an int in the direction of `f`; ints stay as they are.
template <double (*f)(double)>
Value rounded(const Call& call) {
    if (is_integral(call[0])) return integer_of(call[0]);
    return to_integer(f(call.real(0)));
}

// the order of the factors is CPython's, for the same last bit
Value degrees(const Call& call) { return call.real(0) * (180.0 / std::numbers::pi); }
Value radians(const Call& call) { return call.real(0) * (std::numbers::pi / 180.0); }

Value fma_function(const Call& call) { return checked(call, std::fma(call.real(0), call.real(1), call.real(2)), true); }

constexpr std::array kRows{
    FunctionRow{"sqrt(x)", plain<std::sqrt>, "square root"},
    FunctionRow{"cbrt(x)", plain<std::cbrt>, "cube root"},
    FunctionRow{"exp(x)", plain<std::exp, true>, "e to the power of x"},
    FunctionRow{"exp2(x)", plain<power_of_two, true>, "2 to the power of x"},
    FunctionRow{"expm1(x)", plain<std::expm1, true>, "exp(x) - 1, exact near 0"},
    FunctionRow{"log(x, base=None)", log_function, "logarithm, natural or to a base"},
    FunctionRow{"log2(x)", plain<std::log2>, "logarithm to base 2"},
    FunctionRow{"log10(x)", plain<std::log10>, "logarithm to base 10"},
    FunctionRow{"log1p(x)", plain<std::log1p>, "log(1 + x), exact near 0"},
    FunctionRow{"pow(x, y)", power, "x to the power of y, always a float"},
    FunctionRow{"sin(x)", plain<std::sin>, "sine of an angle in radians"},
    FunctionRow{"cos(x)", plain<std::cos>, "cosine of an angle in radians"},
    FunctionRow{"tan(x)", plain<std::tan>, "tangent of an angle in radians"},
    FunctionRow{"asin(x)", plain<std::asin>, "angle in radians whose sine is x"},
    FunctionRow{"acos(x)", plain<std::acos>, "angle in radians whose cosine is x"},
    FunctionRow{"atan(x)", plain<std::atan>, "angle in radians whose tangent is x"},
    FunctionRow{"atan2(y, x)", plain2<std::atan2>, "angle in radians of the point (x, y)"},
    FunctionRow{"sinh(x)", plain<std::sinh, true>, "hyperbolic sine"},
    FunctionRow{"cosh(x)", plain<std::cosh, true>, "hyperbolic cosine"},
    FunctionRow{"tanh(x)", plain<std::tanh>, "hyperbolic tangent"},
    FunctionRow{"asinh(x)", plain<std::asinh>, "inverse hyperbolic sine"},
    FunctionRow{"acosh(x)", plain<std::acosh>, "inverse hyperbolic cosine"},
    FunctionRow{"atanh(x)", plain<std::atanh>, "inverse hyperbolic tangent"},
    FunctionRow{"degrees(x)", degrees, "radians to degrees"},
    FunctionRow{"radians(x)", radians, "degrees to radians"},
    FunctionRow{"ceil(x)", rounded<std::ceil>, "the smallest int that is not below x"},
    FunctionRow{"floor(x)", rounded<std::floor>, "the largest int that is not above x"},
    FunctionRow{"trunc(x)", rounded<std::trunc>, "x without its fraction, an int"},
    FunctionRow{"fabs(x)", plain<std::fabs>, "absolute value as a float"},
    FunctionRow{"fmod(x, y)", fmod_function, "rest of x / y with the sign of x"},
    FunctionRow{"remainder(x, y)", remainder_function, "difference of x and the nearest multiple of y"},
    FunctionRow{"modf(x)", modf_function, "[fraction, whole part], both floats with the sign of x"},
    FunctionRow{"frexp(x)", frexp_function, "[m, e] with x = m * 2**e and 0.5 <= abs(m) < 1"},
    FunctionRow{"ldexp(x, i)", ldexp_function, "x * 2**i"},
    FunctionRow{"copysign(x, y)", plain2<std::copysign>, "x with the sign of y"},
    FunctionRow{"nextafter(x, y)", plain2<std::nextafter, true>, "the next float after x towards y"},
    FunctionRow{"ulp(x)", ulp_function, "value of the last bit of x"},
    FunctionRow{"fma(x, y, z)", fma_function, "x * y + z, rounded once"},
    FunctionRow{"erf(x)", plain<std::erf>, "error function"},
    FunctionRow{"erfc(x)", plain<std::erfc>, "1 - erf(x)"},
    FunctionRow{"gamma(x)", gamma_function, "gamma function"},
    FunctionRow{"lgamma(x)", lgamma_function, "logarithm of the absolute value of gamma(x)"},
    FunctionRow{"isclose(a, b, *, rel_tol=1e-09, abs_tol=0.0)", isclose_function, "whether a and b are nearly equal"},
    FunctionRow{"isfinite(x)", [](const Call& call) { return Value(std::isfinite(call.real(0))); },
                "whether x is neither infinite nor nan"},
    FunctionRow{"isinf(x)", [](const Call& call) { return Value(std::isinf(call.real(0))); }, "whether x is infinite"},
    FunctionRow{"isnan(x)", [](const Call& call) { return Value(std::isnan(call.real(0))); }, "whether x is nan"},
};

}  // namespace

std::span<const FunctionRow> real_functions() { return kRows; }

}  // namespace clipig::expr
