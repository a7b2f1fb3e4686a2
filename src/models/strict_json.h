// JSON text in which no key comes twice and nothing nests deeply.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace clipig {

/// Parse; throws InputError (through refuse) on broken JSON, a repeated key, or more than `deepest` levels.
[[nodiscard]] nlohmann::json parse_strict_json(std::string_view text, const std::string& name, int deepest = 32);

}  // namespace clipig
