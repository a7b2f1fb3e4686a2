#include "expr/functions.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/text.h"
#include "expr/numbers.h"

namespace clipig::expr {
namespace {

/// 0 before a, 1 after b, linear between; with b < a it falls from 1 to 0 over [b, a].
Value time_step(const Call& call) {
    const double a = call.real(0);
    const double b = call.real(1);
    const double t = call.runtime.variables.time();
    if (a == b) return t < a ? 0.0 : 1.0;
    return std::clamp((t - a) / (b - a), 0.0, 1.0) + 0.0;  // the sum makes -0.0 a plain zero
}

constexpr FunctionRow kTimeStep{"time_step(a, b)", time_step,
                                "0 before time a, 1 after time b, linear between; falls from 1 to 0 when b < a"};
constexpr FunctionRow kTimeStepShort{"ts(a, b)", time_step, "short for time_step"};

Function parsed(const FunctionRow& row, std::string module) {
    Function function;
    function.signature = row.signature;
    function.text = row.text;
    function.code = row.code;
    function.module = std::move(module);
    const std::string_view signature = function.signature;
    const auto open = signature.find('(');
    function.name = std::string(signature.substr(0, open));
    bool keyword_only = false;
    for (const auto& piece : split(signature.substr(open + 1, signature.size() - open - 2), ',')) {
        const auto word = trim(piece);
        if (word == "*") {
            keyword_only = true;
        } else if (word.starts_with('*')) {
            function.variadic = true;
        } else if (!word.empty()) {
            function.parameters.push_back(
                {std::string(word.substr(0, word.find('='))), word.find('=') != std::string_view::npos, keyword_only});
        }
    }
    return function;
}

std::vector<Function> all_functions() {
    std::vector<Function> result;
    const auto add = [&](std::span<const FunctionRow> rows, const char* module) {
        for (const auto& row : rows) result.push_back(parsed(row, module));
    };
    add(basic_functions(), "");
    add(real_functions(), "math");
    add(integer_functions(), "math");
    add(sequence_functions(), "math");
    add(random_functions(), "random");
    for (const auto& row : {kTimeStep, kTimeStepShort}) {
        result.push_back(parsed(row, ""));
        result.back().group = kTime;
    }
    return result;
}

}  // namespace

const std::vector<Function>& functions() {
    static const std::vector<Function> table = all_functions();
    return table;
}

const Function* find_function(std::string_view name) {
    static const auto by_name = [] {
        std::map<std::string, const Function*, std::less<>> result;
        for (const auto& function : functions()) result.emplace(function.name, &function);
        return result;
    }();
    const auto found = by_name.find(name);
    return found == by_name.end() ? nullptr : found->second;
}

std::size_t Function::required() const {
    return static_cast<std::size_t>(std::count_if(parameters.begin(), parameters.end(), [](const Parameter& p) { return !p.optional; }));
}

std::size_t Function::positional() const {
    return static_cast<std::size_t>(
        std::count_if(parameters.begin(), parameters.end(), [](const Parameter& p) { return !p.keyword_only; }));
}

double Call::real(std::size_t i) const {
    if (!args[i].is_number()) wrong(std::string("needs numbers, not ") + args[i].type_name());
    return args[i].number();
}

std::int64_t Call::integer(std::size_t i) const {
    if (!is_integral(args[i])) wrong(std::string("needs int, not ") + args[i].type_name());
    return integer_of(args[i]);
}

void Call::domain_error() const {
    std::vector<std::string> shown;
    for (const auto& argument : args) {
        if (!argument.is_none() && shown.size() < 3) shown.push_back(argument.repr().substr(0, 40));
    }
    fail("domain error, " + function.name + "(" + join(shown, ", ") + "),");
}

void Call::wrong(const std::string& message) const { fail(function.name + " " + message); }

}  // namespace clipig::expr
