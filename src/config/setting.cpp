// Values of parameters: constants and expressions, evaluated and checked.
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "config/config.h"
#include "config/values.h"

namespace clipig {
namespace {

[[noreturn]] void fail(const Setting& setting, const Setting::Entry& entry, const Variables& variables, const std::string& message) {
    if (const auto* expression = std::get_if<Expression>(&entry)) throw ConfigError(expression->complaint(message, variables));
    throw ConfigError(setting.complaint(message));
}

/// A constant of a Setting without variables. The type was checked when it was made.
const Value& constant_of(const Setting& setting) {
    if (setting.entries().empty()) throw std::logic_error("no value: " + setting.path());
    const auto* value = std::get_if<Value>(&setting.entries().front());
    if (!value) throw std::logic_error("not a constant: " + setting.path());
    return *value;
}

}  // namespace

std::int64_t FrameTime::epoch(std::int64_t epochs) const {
    if (is_epoch) return static_cast<std::int64_t>(value);
    return static_cast<std::int64_t>(std::floor(value * static_cast<double>(epochs - 1) + .5));
}

Setting::Setting(const FieldSpec* field, std::string path, SourceLoc at, bool given, bool null, std::vector<Entry> entries)
    : field_(field), path_(std::move(path)), at_(std::move(at)), given_(given), null_(null), entries_(std::move(entries)) {}

unsigned Setting::uses() const {
    unsigned groups = kNoVariables;
    for (const Entry& entry : entries_) {
        if (const auto* expression = std::get_if<Expression>(&entry)) groups |= expression->uses();
    }
    return groups;
}

bool Setting::uses_random() const {
    return std::any_of(entries_.begin(), entries_.end(), [](const Entry& entry) {
        const auto* expression = std::get_if<Expression>(&entry);
        return expression && expression->uses_random();
    });
}

std::vector<Value> Setting::evaluate(const Variables& variables, Random& random) const {
    std::vector<Value> values;
    const auto take = [&](const Value& value, const Entry& entry, Origin origin) {
        auto fitted = fit(*field_, value, origin);
        if (const auto* message = std::get_if<std::string>(&fitted)) fail(*this, entry, variables, *message);
        values.push_back(std::move(std::get<Value>(fitted)));
    };
    for (const Entry& entry : entries_) {
        const auto* expression = std::get_if<Expression>(&entry);
        if (!expression) {
            values.push_back(std::get<Value>(entry));  // checked when it was read
            continue;
        }
        const Value result = expression->evaluate(variables, random);
        if (!result.is_list() || !is_multiple(*field_) || entries_.size() > 1) {
            take(result, entry, Origin::expression);
            continue;
        }
        for (const Value& item : *std::get<std::shared_ptr<const ValueList>>(result.data())) take(item, entry, Origin::expression);
        if (values.size() != 1 && !count_allowed(*field_, values.size())) {
            fail(*this, entry, variables, "must be " + expected_text(*field_) + ", not " + std::to_string(values.size()));
        }
    }
    if (values.size() == 1 && !field_->list && !field_->counts.empty())
        values.resize(static_cast<std::size_t>(field_->counts[0]), values[0]);
    return values;
}

std::vector<double> Setting::reals(const Variables& variables, Random& random) const {
    std::vector<double> result;
    for (const Value& value : evaluate(variables, random)) result.push_back(value.number());
    return result;
}

std::vector<std::int64_t> Setting::integers(const Variables& variables, Random& random) const {
    std::vector<std::int64_t> result;
    for (const Value& value : evaluate(variables, random)) result.push_back(std::get<std::int64_t>(value.data()));
    return result;
}

bool Setting::boolean() const { return std::get<bool>(constant_of(*this).data()); }
std::int64_t Setting::integer() const { return std::get<std::int64_t>(constant_of(*this).data()); }
double Setting::real() const { return constant_of(*this).number(); }
const std::string& Setting::text() const { return std::get<std::string>(constant_of(*this).data()); }

FrameTime Setting::frame_time() const {
    const Value& value = constant_of(*this);
    return {value.is_int(), value.number()};
}

Diagnostic Setting::complaint(std::string message, std::string hint) const {
    return {at_, path_ + ": " + std::move(message), std::move(hint)};
}

const Setting& Settings::operator[](std::string_view name) const {
    if (const Setting* found = find(name)) return *found;
    throw std::logic_error("no parameter '" + std::string(name) + "' in " + path);
}

const Setting* Settings::find(std::string_view name) const {
    const auto found = values.find(name);
    return found == values.end() ? nullptr : &found->second;
}

const Settings* Settings::section(std::string_view name) const {
    const auto found = operators.find(name);
    return found == operators.end() ? nullptr : &found->second;
}

}  // namespace clipig
