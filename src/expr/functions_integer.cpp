// The functions of Python's math module on ints: all exact, failing beyond 64 bits.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "expr/functions.h"

namespace clipig::expr {
namespace {

std::uint64_t magnitude(std::int64_t value) {
    return value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

__extension__ using Wide = unsigned __int128;

std::int64_t narrowed(Wide value) {
    if (value > static_cast<Wide>(std::numeric_limits<std::int64_t>::max())) fail("integer too large");
    return static_cast<std::int64_t>(value);
}

Value gcd_function(const Call& call) {
    std::uint64_t result = 0;
    for (std::size_t i = 0; i < call.args.size(); ++i) result = std::gcd(result, magnitude(call.integer(i)));
    return narrowed(result);
}

Value lcm_function(const Call& call) {
    std::uint64_t result = 1;
    for (std::size_t i = 0; i < call.args.size(); ++i) {
        const std::uint64_t next = magnitude(call.integer(i));
        if (result == 0 || next == 0) {
            result = 0;
        } else {
            result = static_cast<std::uint64_t>(narrowed(static_cast<Wide>(result / std::gcd(result, next)) * next));
        }
    }
    return narrowed(result);
}

std::int64_t not_negative(const Call& call, std::size_t i) {
    const std::int64_t value = call.integer(i);
    if (value < 0) call.wrong("needs numbers that are not negative, not " + std::to_string(value));
    return value;
}

/// n (n - 1) ... (n - k + 1); the loop ends by overflow after at most 63 factors above 1.
std::int64_t falling_product(std::int64_t n, std::int64_t k) {
    std::int64_t result = 1;
    for (std::int64_t factor = n; factor > n - k; --factor) result = narrowed(static_cast<Wide>(result) * static_cast<Wide>(factor));
    return result;
}

Value factorial(const Call& call) {
    const std::int64_t n = not_negative(call, 0);
    if (n > 20) fail("integer too large");
    return falling_product(n, n);
}

Value perm(const Call& call) {
    const std::int64_t n = not_negative(call, 0);
    const std::int64_t k = call.missing(1) ? n : not_negative(call, 1);
    return k > n ? 0 : falling_product(n, k);
}

Value comb(const Call& call) {
    const std::int64_t n = not_negative(call, 0);
    std::int64_t k = not_negative(call, 1);
    if (k > n) return 0;
    k = std::min(k, n - k);
    Wide result = 1;
    for (std::int64_t i = 1; i <= k; ++i) {
        // the product of i consecutive numbers is divisible by i!; it grows with i, so an overflow ends the loop soon
        result = result * static_cast<Wide>(n - k + i) / static_cast<Wide>(i);
        (void)narrowed(result);
    }
    return narrowed(result);
}

Value isqrt_function(const Call& call) {
    const std::int64_t n = not_negative(call, 0);
    auto root = static_cast<std::int64_t>(std::sqrt(static_cast<double>(n)));
    // the root of the rounded double may be off by one
    while (static_cast<Wide>(root) * static_cast<Wide>(root) > static_cast<Wide>(n)) --root;
    while (static_cast<Wide>(root + 1) * static_cast<Wide>(root + 1) <= static_cast<Wide>(n)) ++root;
    return root;
}

constexpr std::array kRows{
    FunctionRow{"gcd(*integers)", gcd_function, "greatest common divisor"},
    FunctionRow{"lcm(*integers)", lcm_function, "least common multiple"},
    FunctionRow{"factorial(n)", factorial, "1 * 2 * ... * n"},
    FunctionRow{"comb(n, k)", comb, "ways to choose k of n without order"},
    FunctionRow{"perm(n, k=None)", perm, "ways to choose k of n with order"},
    FunctionRow{"isqrt(n)", isqrt_function, "square root of an int, rounded down"},
};

}  // namespace

std::span<const FunctionRow> integer_functions() { return kRows; }

}  // namespace clipig::expr
