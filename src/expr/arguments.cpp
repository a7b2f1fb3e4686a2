#include "expr/arguments.h"

#include <algorithm>

#include "expr/report.h"
#include "expr/syntax.h"

namespace clipig::expr {
namespace {

std::string count_text(const Function& function) {
    const std::size_t least = function.required();
    const std::size_t most = function.positional();
    const auto arguments_text = [](std::size_t count) { return std::to_string(count) + (count == 1 ? " argument" : " arguments"); };
    if (function.variadic) return "at least " + arguments_text(least);
    if (most == 0) return "no arguments";
    if (least == most) return arguments_text(most);
    return std::to_string(least) + " to " + arguments_text(most);
}

void match_keyword(const Function& function, const Argument& argument, std::vector<int>& slots, Report& report) {
    const auto& parameters = function.parameters;
    const auto found =
        std::find_if(parameters.begin(), parameters.end(), [&](const Parameter& p) { return p.name == argument.keyword->text; });
    if (function.variadic || found == parameters.end()) {
        report.note(argument.offset, argument.keyword->length, function.name + " has no parameter " + quoted(argument.keyword->text),
                    function.signature);
        return;
    }
    int& slot = slots[static_cast<std::size_t>(found - parameters.begin())];
    if (slot != kAbsent) {
        report.note(argument.offset, argument.keyword->length, quoted(argument.keyword->text) + " is given twice", function.signature);
    }
    slot = argument.value;
}

}  // namespace

std::vector<int> matched_arguments(const Function& function, const std::vector<Argument>& given, std::size_t offset, std::size_t length,
                                   Report& report) {
    const auto& parameters = function.parameters;
    std::vector<int> slots(function.variadic ? 0 : parameters.size(), kAbsent);
    std::size_t by_position = 0;
    for (const auto& argument : given) {
        if (argument.keyword != nullptr) {
            match_keyword(function, argument, slots, report);
        } else if (function.variadic) {
            slots.push_back(argument.value);
            ++by_position;
        } else {
            if (by_position < function.positional()) slots[by_position] = argument.value;
            ++by_position;
        }
    }
    bool complete = function.variadic ? slots.size() >= function.required() : by_position <= function.positional();
    for (std::size_t i = 0; i < parameters.size() && !function.variadic; ++i) {
        complete = complete && (parameters[i].optional || slots[i] != kAbsent);
    }
    if (!complete) {
        const std::string message = function.name + " takes " + count_text(function) + ", not " + std::to_string(given.size());
        report.note(offset, length, message, function.signature);
    }
    return slots;
}

}  // namespace clipig::expr
