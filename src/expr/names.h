// What is wrong with a name: the complaint and the suggestion.
#pragma once

#include <string>
#include <string_view>

namespace clipig::expr {

struct NameComplaint {
    std::string message;
    std::string hint;
};

/// A keyword of Python that the language does not have.
[[nodiscard]] bool is_foreign_keyword(std::string_view name);

/// For a name that means nothing, among those that groups let an expression see.
[[nodiscard]] NameComplaint unknown_name(std::string_view name, unsigned groups, bool called);

/// For a variable (or time_step) of a group that is not to be seen.
[[nodiscard]] NameComplaint unavailable_name(std::string_view name, unsigned groups, std::string_view path);

}  // namespace clipig::expr
