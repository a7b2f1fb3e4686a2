#include "expr/value.h"

#include <cassert>

#include "expr/numbers.h"
#include "expr/operators.h"

namespace clipig {
namespace expr {
namespace {

bool append_list(const ValueList& list, std::string& out, std::size_t limit) {
    out += '[';
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (i > 0) out += ", ";
        if (!append_repr(list[i], out, limit)) return false;
    }
    out += ']';
    return true;
}

bool append_dict(const ValueDict& dict, std::string& out, std::size_t limit) {
    out += '{';
    for (std::size_t i = 0; i < dict.size(); ++i) {
        if (i > 0) out += ", ";
        if (!append_repr(dict[i].first, out, limit)) return false;
        out += ": ";
        if (!append_repr(dict[i].second, out, limit)) return false;
    }
    out += '}';
    return true;
}

}  // namespace

bool append_repr(const Value& value, std::string& out, std::size_t limit) {
    if (value.is_none()) {
        out += "None";
    } else if (value.is_bool()) {
        out += std::get<bool>(value.data()) ? "True" : "False";
    } else if (value.is_int()) {
        out += std::to_string(std::get<std::int64_t>(value.data()));
    } else if (value.is_float()) {
        out += float_repr(std::get<double>(value.data()));
    } else if (value.is_string()) {
        out += string_repr(std::get<std::string>(value.data()));
    } else if (value.is_list()) {
        if (!append_list(list_of(value), out, limit)) return false;
    } else if (!append_dict(dict_of(value), out, limit)) {
        return false;
    }
    return out.size() <= limit;
}

const ValueList& list_of(const Value& value) { return *std::get<std::shared_ptr<const ValueList>>(value.data()); }
const ValueDict& dict_of(const Value& value) { return *std::get<std::shared_ptr<const ValueDict>>(value.data()); }
const std::string& string_of(const Value& value) { return std::get<std::string>(value.data()); }

}  // namespace expr

Value::Value() = default;
Value::Value(const Value& other) = default;
Value::Value(Value&& other) noexcept = default;
Value& Value::operator=(const Value& other) = default;
Value& Value::operator=(Value&& other) noexcept = default;
Value::~Value() = default;

double Value::number() const {
    assert(is_number());
    if (is_bool()) return std::get<bool>(data_) ? 1.0 : 0.0;
    if (is_int()) return static_cast<double>(std::get<std::int64_t>(data_));
    return std::get<double>(data_);
}

bool Value::truth() const {
    if (is_none()) return false;
    if (is_string()) return !expr::string_of(*this).empty();
    if (is_list()) return !expr::list_of(*this).empty();
    if (is_dict()) return !expr::dict_of(*this).empty();
    return number() != 0;
}

const char* Value::type_name() const {
    constexpr const char* names[] = {"NoneType", "bool", "int", "float", "str", "list", "dict"};
    return names[data_.index()];
}

std::string Value::repr() const {
    // a list may hold the same list many times, so its text can be far larger than the value itself
    constexpr std::size_t limit = 1'000'000;
    std::string text;
    if (!expr::append_repr(*this, text, limit)) text = text.substr(0, limit) + "...";
    return text;
}

}  // namespace clipig
