// Python's built-in functions.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "expr/functions.h"
#include "expr/numbers.h"

namespace clipig::expr {
namespace {

Value absolute(const Call& call) {
    if (!is_integral(call[0])) return std::abs(call.real(0));
    const std::int64_t value = integer_of(call[0]);
    return value < 0 ? unary(UnaryOp::minus, value) : Value(value);
}

template <bool largest>
Value extreme(const Call& call) {
    const ValueList entries = call.args.size() == 1 ? entries_of(call[0], call.runtime) : ValueList(call.args.begin(), call.args.end());
    if (entries.empty()) call.wrong("of nothing");
    std::size_t best = 0;
    for (std::size_t i = 1; i < entries.size(); ++i) {
        const bool better = compare(largest ? CompareOp::greater : CompareOp::less, entries[i], entries[best], call.runtime);
        if (better) best = i;
    }
    return entries[best];
}

double half_to_even(double x) {
    const double nearest = std::round(x);
    return std::abs(x - nearest) == 0.5 ? 2 * std::round(x / 2) : nearest;
}

/// As float.__round__: correctly rounded decimal digits, halves (of the exact binary value) to even.
double round_digits(double x, std::int64_t digits) {
    if (!std::isfinite(x) || digits > 323) return x;
    if (digits < -308) return std::copysign(0.0, x);
    if (digits < 0) {
        const double scale = std::pow(10.0, static_cast<double>(-digits));
        const double result = half_to_even(x / scale) * scale;
        if (std::isinf(result)) fail("result too large");
        return result;
    }
    std::array<char, 1100> buffer{};  // 309 digits before the point and up to 323 behind
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), x, std::chars_format::fixed, static_cast<int>(digits));
    double result = x;
    const auto read = std::from_chars(buffer.data(), end.ptr, result);
    return read.ec == std::errc{} ? result : std::copysign(0.0, x);
}

/// As int.__round__ with negative digits: to a multiple of a power of ten, halves to the even multiple.
std::int64_t round_integer(std::int64_t x, std::int64_t digits) {
    if (digits >= 0) return x;
    if (digits < -19) return 0;
    const std::uint64_t size = x < 0 ? 0 - static_cast<std::uint64_t>(x) : static_cast<std::uint64_t>(x);
    std::uint64_t unit = 1;
    for (std::int64_t i = 0; i > digits; --i) unit *= 10;  // 10^19 < 2^64
    const std::uint64_t rest = size % unit;
    std::uint64_t multiple = size / unit;
    const std::uint64_t other = unit - rest;
    if (rest > other || (rest == other && multiple % 2 == 1)) ++multiple;
    std::uint64_t result = 0;
    if (__builtin_mul_overflow(multiple, unit, &result) || result > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        fail("integer too large");
    }
    return x < 0 ? -static_cast<std::int64_t>(result) : static_cast<std::int64_t>(result);
}

Value round_function(const Call& call) {
    if (is_integral(call[0])) return round_integer(integer_of(call[0]), call.integer(1, 0));
    const double x = call.real(0);
    return call.missing(1) ? Value(to_integer(half_to_even(x))) : Value(round_digits(x, call.integer(1)));
}

Value int_function(const Call& call) {
    if (call[0].is_float()) return to_integer(call[0].number());
    if (is_integral(call[0])) return integer_of(call[0]);
    if (!call[0].is_string()) call.wrong(std::string("needs a number or text, not ") + call[0].type_name());
    std::string_view text = trim(string_of(call[0]));
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    const bool decimal = std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || c == '_'; });
    while (decimal && text.size() > 1 && text[0] == '0' && text[1] != '_') text.remove_prefix(1);
    std::uint64_t magnitude = 0;
    const auto status = decimal ? parse_magnitude(text, magnitude) : IntegerStatus::malformed;
    if (status == IntegerStatus::malformed) call.wrong("cannot read " + call[0].repr().substr(0, 60));
    if (status == IntegerStatus::too_large || (magnitude >> 63 != 0 && !negative)) fail("integer too large");
    return static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
}

Value float_function(const Call& call) {
    if (!call[0].is_string()) return call.real(0);
    const auto value = parse_float(string_of(call[0]));
    if (!value) call.wrong("cannot read " + call[0].repr().substr(0, 60));
    return *value;
}

Value str_function(const Call& call) {
    if (call[0].is_string()) return call[0];
    std::string text;
    if (!append_repr(call[0], text, kMaxElements)) fail("result too large: more than 1000000 entries");
    call.runtime.spend(text.size());
    return text;
}

Value sum_function(const Call& call) {
    Value result = call.missing(1) ? Value(0) : call[1];
    for (const auto& entry : entries_of(call[0], call.runtime)) {
        if (!entry.is_number() && !entry.is_list()) call.wrong(std::string("needs numbers, not ") + entry.type_name());
        result = binary(BinaryOp::add, result, entry, call.runtime);
    }
    return result;
}

/// A stable merge sort: the library's may not be given an order that fails or, with nan, is none.
void merge_sort(ValueList& list, ValueList& scratch, std::size_t first, std::size_t last, bool descending, Runtime& runtime) {
    if (last - first < 2) return;
    const std::size_t middle = first + (last - first) / 2;
    merge_sort(list, scratch, first, middle, descending, runtime);
    merge_sort(list, scratch, middle, last, descending, runtime);
    std::size_t left = first;
    std::size_t right = middle;
    for (std::size_t out = first; out < last; ++out) {
        const bool from_right =
            left == middle ||
            (right < last && (descending ? less(list[left], list[right], runtime) : less(list[right], list[left], runtime)));
        scratch[out] = from_right ? list[right++] : list[left++];
    }
    std::copy(scratch.begin() + static_cast<std::ptrdiff_t>(first), scratch.begin() + static_cast<std::ptrdiff_t>(last),
              list.begin() + static_cast<std::ptrdiff_t>(first));
}

Value sorted(const Call& call) {
    ValueList entries = entries_of(call[0], call.runtime);
    ValueList scratch(entries.size());
    merge_sort(entries, scratch, 0, entries.size(), call[1].truth(), call.runtime);
    return entries;
}

Value range(const Call& call) {
    const std::int64_t start = call.missing(1) ? 0 : call.integer(0);
    const std::int64_t stop = call.missing(1) ? call.integer(0) : call.integer(1);
    const std::int64_t step = call.integer(2, 1);
    if (step == 0) call.wrong("needs a step that is not 0");
    ValueList result;
    std::int64_t value = start;
    while (step > 0 ? value < stop : value > stop) {
        if (result.size() == kMaxElements) fail("result too large: more than 1000000 entries");
        call.runtime.spend(1);
        result.emplace_back(value);
        if (__builtin_add_overflow(value, step, &value)) break;
    }
    return result;
}

Value list(const Call& call) { return entries_of(call[0], call.runtime); }

template <bool all>
Value quantified(const Call& call) {
    for (const auto& entry : entries_of(call[0], call.runtime)) {
        if (entry.truth() != all) return !all;
    }
    return all;
}

constexpr std::array kRows{
    FunctionRow{"abs(x)", absolute, "absolute value"},
    FunctionRow{"min(first, *more)", extreme<false>, "the smallest of the arguments, or of the entries of a list"},
    FunctionRow{"max(first, *more)", extreme<true>, "the largest of the arguments, or of the entries of a list"},
    FunctionRow{"round(number, ndigits=None)", round_function, "to the nearest int, or to decimal digits; halves go to the even side"},
    FunctionRow{"int(x)", int_function, "a number without its fraction, or text, as int"},
    FunctionRow{"float(x)", float_function, "a number or text as float"},
    FunctionRow{"bool(x)", [](const Call& call) { return Value(call[0].truth()); }, "False for 0, None and anything empty, else True"},
    FunctionRow{"str(x)", str_function, "a value as text"},
    FunctionRow{"len(x)", [](const Call& call) { return Value(length_of(call[0])); }, "number of entries or characters"},
    FunctionRow{"sum(entries, start=0)", sum_function, "sum of the entries of a list"},
    FunctionRow{"sorted(entries, *, reverse=False)", sorted, "the entries of a list in ascending order"},
    FunctionRow{"range(start, stop=None, step=1)", range, "list of the ints from start (or 0) to below stop"},
    FunctionRow{"list(entries)", list, "the entries, keys or characters as a list"},
    FunctionRow{"tuple(entries)", list, "the same as list"},
    FunctionRow{"all(entries)", quantified<true>, "whether no entry is false"},
    FunctionRow{"any(entries)", quantified<false>, "whether one entry is true"},
};

}  // namespace

std::span<const FunctionRow> basic_functions() { return kRows; }

}  // namespace clipig::expr
