#include "expr/names.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "expr/functions.h"
#include "expr/variables.h"

namespace clipig::expr {
namespace {

std::vector<std::string> visible_values(unsigned groups) {
    std::vector<std::string> names;
    for (const auto& variable : variable_names()) {
        if ((variable.group & groups) == 0) continue;
        names.emplace_back(variable.name);
        if (variable.alias != nullptr) names.emplace_back(variable.alias);
    }
    for (const auto& constant : constant_names()) names.emplace_back(constant.name);
    return names;
}

std::vector<std::string> visible_functions(unsigned groups) {
    std::vector<std::string> names;
    for (const auto& function : functions()) {
        if ((function.group & ~groups) == 0) names.push_back(function.name);
    }
    return names;
}

/// `did you mean 'x'?`; between names of one letter only when they differ in case, for any other is as near.
std::string suggestion(std::string_view name, const std::vector<std::string>& candidates) {
    const auto found = closest(name, candidates);
    if (!found || (name.size() == 1 && lower(*found) != lower(name))) return {};
    return "did you mean '" + *found + "'?";
}

}  // namespace

bool is_foreign_keyword(std::string_view name) {
    constexpr std::array<std::string_view, 28> words{"lambda", "for",     "while",    "def",      "class", "import", "from",
                                                     "as",     "with",    "yield",    "await",    "async", "return", "del",
                                                     "pass",   "break",   "global",   "assert",   "raise", "try",    "except",
                                                     "elif",   "finally", "nonlocal", "continue", "else",  "if",     "in"};
    return std::find(words.begin(), words.end(), name) != words.end();
}

NameComplaint unknown_name(std::string_view name, unsigned groups, bool called) {
    std::string hint = suggestion(name, called ? visible_functions(groups) : visible_values(groups));
    if (hint.empty()) hint = suggestion(name, called ? visible_values(groups) : visible_functions(groups));
    if (hint.empty() && !called) hint = "it sees " + group_text(groups) + "; a text is written in quotes";
    const std::string shown(name.substr(0, std::min<std::size_t>(name.size(), 60)));
    return {(called ? "unknown function '" : "unknown name '") + shown + "'", hint};
}

NameComplaint unavailable_name(std::string_view name, unsigned groups, std::string_view path) {
    const std::string subject = path.empty() ? "this expression" : "'" + std::string(path) + "'";
    return {"'" + std::string(name) + "' is not available here: " + subject + " sees " + group_text(groups), {}};
}

}  // namespace clipig::expr
