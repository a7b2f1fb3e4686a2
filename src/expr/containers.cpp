// Comparison, membership, indexing and slicing of values.
#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "expr/numbers.h"
#include "expr/operators.h"

namespace clipig::expr {
namespace {

enum class Order { less, equal, greater, unordered };

template <typename T>
Order order_of(const T& a, const T& b) {
    return a < b ? Order::less : a == b ? Order::equal : a > b ? Order::greater : Order::unordered;
}

Order reversed(Order order) { return order == Order::less ? Order::greater : order == Order::greater ? Order::less : order; }

/// Exact, as in Python: 2**53 + 1 is larger than 2.0**53.
Order order_mixed(std::int64_t a, double b) {
    if (std::isnan(b)) return Order::unordered;
    if (b >= 0x1p63) return Order::less;
    if (b < -0x1p63) return Order::greater;
    const double whole = std::trunc(b);
    const Order order = order_of(a, static_cast<std::int64_t>(whole));
    return order != Order::equal ? order : order_of(whole, b);
}

Order order_numbers(const Value& a, const Value& b) {
    if (a.is_float() && b.is_float()) return order_of(a.number(), b.number());
    if (a.is_float()) return reversed(order_mixed(integer_of(b), a.number()));
    if (b.is_float()) return order_mixed(integer_of(a), b.number());
    return order_of(integer_of(a), integer_of(b));
}

Order order(const Value& a, const Value& b, const char* symbol, Runtime& runtime) {
    runtime.spend(1);
    if (a.is_number() && b.is_number()) return order_numbers(a, b);
    if (a.is_string() && b.is_string()) {
        runtime.spend(std::min(string_of(a).size(), string_of(b).size()) / 16);
        return order_of(string_of(a), string_of(b));
    }
    if (!a.is_list() || !b.is_list()) fail(std::string("cannot compare ") + a.type_name() + " " + symbol + " " + b.type_name());
    const ValueList& left = list_of(a);
    const ValueList& right = list_of(b);
    for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
        if (!equal(left[i], right[i], runtime)) return order(left[i], right[i], symbol, runtime);
    }
    return order_of(left.size(), right.size());
}

bool equal_dicts(const ValueDict& a, const ValueDict& b, Runtime& runtime) {
    if (a.size() != b.size()) return false;
    for (const auto& [key, value] : a) {
        const Value* other = find_key(b, key, runtime);
        if (other == nullptr || !equal(value, *other, runtime)) return false;
    }
    return true;
}

bool contains(const Value& container, const Value& item, Runtime& runtime) {
    if (container.is_dict()) return find_key(dict_of(container), item, runtime) != nullptr;
    if (container.is_list()) {
        const ValueList& list = list_of(container);
        return std::any_of(list.begin(), list.end(), [&](const Value& entry) { return equal(entry, item, runtime); });
    }
    if (!container.is_string()) fail(std::string("cannot look for something in ") + container.type_name());
    if (!item.is_string()) fail(std::string("cannot look for ") + item.type_name() + " in str");
    const std::string_view text = string_of(container);
    const std::string_view part = string_of(item);
    // find() compares at every position: the worst case is a product
    if (part.size() > text.size()) return false;
    runtime.spend((text.size() / 16 + 1) * (part.size() / 16 + 1));
    return text.find(part) != std::string_view::npos;
}

bool identical(const Value& a, const Value& b) {
    const auto single = [](const Value& value) { return value.is_none() || value.is_bool(); };
    if (!single(a) && !single(b)) fail("'is' is for None, True and False only, values are compared with '==',");
    return a.data().index() == b.data().index() && (a.is_none() || integer_of(a) == integer_of(b));
}

std::size_t entry_position(std::int64_t position, std::int64_t size, const Value& key) {
    const std::int64_t found = position < 0 ? position + size : position;
    if (found < 0 || found >= size) fail("index " + key.repr() + " is out of range (length " + std::to_string(size) + ")");
    return static_cast<std::size_t>(found);
}

/// A bound of a slice, clamped as PySlice_AdjustIndices does.
std::int64_t slice_bound(const Value& bound, std::int64_t otherwise, std::int64_t size, bool forward) {
    if (bound.is_none()) return otherwise;
    if (!is_integral(bound)) fail(std::string("a slice needs integers, not ") + bound.type_name());
    std::int64_t position = integer_of(bound);
    if (position < 0) position += size;
    return std::clamp<std::int64_t>(position, forward ? 0 : -1, forward ? size : size - 1);
}

}  // namespace

bool equal(const Value& a, const Value& b, Runtime& runtime) {
    runtime.spend(1);
    if (a.is_number() && b.is_number()) return order_numbers(a, b) == Order::equal;
    if (a.data().index() != b.data().index()) return false;
    if (a.is_none()) return true;
    if (a.is_string()) {
        runtime.spend(string_of(a).size() / 16);
        return string_of(a) == string_of(b);
    }
    if (a.is_dict()) return equal_dicts(dict_of(a), dict_of(b), runtime);
    const ValueList& left = list_of(a);
    const ValueList& right = list_of(b);
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i) {
        if (!equal(left[i], right[i], runtime)) return false;
    }
    return true;
}

bool less(const Value& a, const Value& b, Runtime& runtime) { return order(a, b, "<", runtime) == Order::less; }

bool compare(CompareOp op, const Value& a, const Value& b, Runtime& runtime) {
    switch (op) {
        case CompareOp::less: return less(a, b, runtime);
        case CompareOp::greater: return order(a, b, ">", runtime) == Order::greater;
        case CompareOp::less_equal: {
            const Order found = order(a, b, "<=", runtime);
            return found == Order::less || found == Order::equal;
        }
        case CompareOp::greater_equal: {
            const Order found = order(a, b, ">=", runtime);
            return found == Order::greater || found == Order::equal;
        }
        case CompareOp::equal: return equal(a, b, runtime);
        case CompareOp::not_equal: return !equal(a, b, runtime);
        case CompareOp::in: return contains(b, a, runtime);
        case CompareOp::not_in: return !contains(b, a, runtime);
        case CompareOp::is: return identical(a, b);
        case CompareOp::is_not: break;
    }
    return !identical(a, b);
}

ValueList entries_of(const Value& value, Runtime& runtime) {
    ValueList result;
    if (value.is_list()) {
        runtime.spend(list_of(value).size());
        result = list_of(value);
    } else if (value.is_dict()) {
        runtime.spend(dict_of(value).size());
        for (const auto& [key, entry] : dict_of(value)) result.push_back(key);
    } else if (value.is_string()) {
        const std::string_view text = string_of(value);
        runtime.spend(text.size());
        for (std::size_t i = 0; i < text.size();) {
            const std::size_t count = utf8_sequence(text, i);
            result.emplace_back(std::string(text.substr(i, count)));
            i += count;
        }
    } else {
        fail(std::string(value.type_name()) + " has no entries");
    }
    return result;
}

std::int64_t length_of(const Value& value) {
    if (value.is_list()) return static_cast<std::int64_t>(list_of(value).size());
    if (value.is_dict()) return static_cast<std::int64_t>(dict_of(value).size());
    if (!value.is_string()) fail(std::string(value.type_name()) + " has no length");
    const std::string_view text = string_of(value);
    std::int64_t count = 0;
    for (std::size_t i = 0; i < text.size(); i += utf8_sequence(text, i)) ++count;
    return count;
}

const Value* find_key(const ValueDict& dict, const Value& key, Runtime& runtime) {
    for (const auto& [known, value] : dict) {
        if (equal(known, key, runtime)) return &value;
    }
    return nullptr;
}

void insert_key(ValueDict& dict, Value key, Value value, Runtime& runtime) {
    if (key.is_list() || key.is_dict()) fail(std::string(key.type_name()) + " cannot be the key of a dict");
    for (auto& [known, old] : dict) {
        if (!equal(known, key, runtime)) continue;
        old = std::move(value);
        return;
    }
    dict.emplace_back(std::move(key), std::move(value));
}

Value index(const Value& container, const Value& key, Runtime& runtime) {
    if (container.is_dict()) {
        const Value* found = find_key(dict_of(container), key, runtime);
        if (found == nullptr) fail("no key " + key.repr().substr(0, 60) + " in the dict");
        return *found;
    }
    if (!container.is_list() && !container.is_string()) fail(std::string(container.type_name()) + " cannot be indexed");
    if (!is_integral(key)) fail(std::string("an index must be int, not ") + key.type_name());
    const std::size_t position = entry_position(integer_of(key), length_of(container), key);
    if (container.is_list()) return list_of(container)[position];
    return entries_of(container, runtime)[position];
}

Value slice(const Value& container, const Value& start, const Value& stop, const Value& step, Runtime& runtime) {
    if (!container.is_list() && !container.is_string()) fail(std::string(container.type_name()) + " cannot be sliced");
    const ValueList entries = entries_of(container, runtime);
    const auto size = static_cast<std::int64_t>(entries.size());
    if (!step.is_none() && !is_integral(step)) fail(std::string("a slice needs integers, not ") + step.type_name());
    // a step past the end is as good as one to the end, and cannot overflow
    const std::int64_t stride = step.is_none() ? 1 : std::clamp<std::int64_t>(integer_of(step), -size - 1, size + 1);
    if (stride == 0) fail("the step of a slice cannot be 0");
    const bool forward = stride > 0;
    const std::int64_t first = slice_bound(start, forward ? 0 : size - 1, size, forward);
    const std::int64_t last = slice_bound(stop, forward ? size : -1, size, forward);
    ValueList picked;
    for (std::int64_t i = first; forward ? i < last : i > last; i += stride) picked.push_back(entries[static_cast<std::size_t>(i)]);
    if (container.is_list()) return picked;
    std::string text;
    for (const auto& character : picked) text += string_of(character);
    return text;
}

}  // namespace clipig::expr
