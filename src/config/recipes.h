// The recipes behind `quality:`. Their files, src/config/recipes/*.yaml, are part of the program.
#pragma once

#include <string>
#include <string_view>

namespace clipig {

/// The text of a recipe: `draft`, `normal`, `high`, `best`, and `common` for what these leave open; empty for another name. Top-level keys
/// as in an experiment; those of `target` belong to each target that has features, `constraints` to one more target.
[[nodiscard]] std::string_view recipe_text(std::string_view name);

}  // namespace clipig
