// The functions of Python's math module on lists of numbers.
#include <array>
#include <cmath>
#include <limits>

#include "expr/functions.h"

namespace clipig::expr {
namespace {

std::vector<double> numbers_of(const Call& call, std::size_t i) {
    std::vector<double> numbers;
    for (const auto& entry : entries_of(call[i], call.runtime)) {
        if (!entry.is_number()) call.wrong(std::string("needs numbers, not ") + entry.type_name());
        numbers.push_back(entry.number());
    }
    return numbers;
}

/// Exact sum, rounded once: Shewchuk, "Adaptive precision floating-point arithmetic and fast robust geometric
/// predicates", 1997, in the form of CPython's math.fsum.
class ExactSum {
public:
    void add(double x) {
        std::size_t kept = 0;
        for (double y : partials_) {
            if (std::abs(x) < std::abs(y)) std::swap(x, y);
            const double high = x + y;
            const double low = y - (high - x);
            if (low != 0) partials_[kept++] = low;
            x = high;
        }
        partials_.resize(kept);
        partials_.push_back(x);
        if (!std::isfinite(x)) fail("result too large");
    }

    [[nodiscard]] double result() const {
        if (partials_.empty()) return 0;
        std::size_t i = partials_.size() - 1;
        double high = partials_[i];
        double low = 0;
        while (i > 0) {
            const double x = high;
            const double y = partials_[--i];
            high = x + y;
            low = y - (high - x);
            if (low != 0) break;
        }
        // half way between two doubles the next partial decides
        if (i > 0 && ((low < 0 && partials_[i - 1] < 0) || (low > 0 && partials_[i - 1] > 0))) {
            const double y = low * 2;
            const double x = high + y;
            if (y == x - high) high = x;
        }
        return high;
    }

private:
    std::vector<double> partials_;
};

Value fsum(const Call& call) {
    ExactSum sum;
    double special = 0;
    bool has_special = false;
    for (const double x : numbers_of(call, 0)) {
        if (std::isfinite(x)) {
            sum.add(x);
        } else {
            if (std::isinf(special) && std::isinf(x) && special != x) call.domain_error();
            special += x;
            has_special = true;
        }
    }
    return has_special ? special : sum.result();
}

/// Square root of the sum of squares, scaled so that neither overflows.
double norm(const std::vector<double>& numbers) {
    double largest = 0;
    bool any_nan = false;
    for (const double x : numbers) {
        any_nan = any_nan || std::isnan(x);
        if (std::abs(x) > largest) largest = std::abs(x);
    }
    if (std::isinf(largest)) return largest;
    if (any_nan) return std::numeric_limits<double>::quiet_NaN();
    if (largest == 0) return 0;
    if (numbers.size() == 2) return std::hypot(numbers[0], numbers[1]);
    long double sum = 0;
    for (const double x : numbers) {
        const long double scaled = static_cast<long double>(x) / static_cast<long double>(largest);
        sum += scaled * scaled;
    }
    return static_cast<double>(static_cast<long double>(largest) * std::sqrt(sum));
}

Value hypot_function(const Call& call) {
    std::vector<double> numbers;
    for (std::size_t i = 0; i < call.args.size(); ++i) numbers.push_back(call.real(i));
    return norm(numbers);
}

Value dist(const Call& call) {
    std::vector<double> p = numbers_of(call, 0);
    const std::vector<double> q = numbers_of(call, 1);
    if (p.size() != q.size()) call.wrong("needs two points with the same number of coordinates");
    for (std::size_t i = 0; i < p.size(); ++i) p[i] -= q[i];
    return norm(p);
}

Value prod(const Call& call) {
    Value result = call.missing(1) ? Value(1) : call[1];
    for (const auto& entry : entries_of(call[0], call.runtime)) result = binary(BinaryOp::multiply, result, entry, call.runtime);
    return result;
}

Value sumprod(const Call& call) {
    const ValueList p = entries_of(call[0], call.runtime);
    const ValueList q = entries_of(call[1], call.runtime);
    if (p.size() != q.size()) call.wrong("needs two lists of the same length");
    Value result = 0;
    for (std::size_t i = 0; i < p.size(); ++i) {
        result = binary(BinaryOp::add, result, binary(BinaryOp::multiply, p[i], q[i], call.runtime), call.runtime);
    }
    return result;
}

constexpr std::array kRows{
    FunctionRow{"hypot(*coordinates)", hypot_function, "length of a vector"},
    FunctionRow{"dist(p, q)", dist, "distance of two points, given as lists"},
    FunctionRow{"fsum(numbers)", fsum, "exact sum of floats, rounded once"},
    FunctionRow{"prod(numbers, *, start=1)", prod, "product of the entries of a list"},
    FunctionRow{"sumprod(p, q)", sumprod, "sum of the products of the entries of two lists"},
};

}  // namespace

std::span<const FunctionRow> sequence_functions() { return kRows; }

}  // namespace clipig::expr
