// Events as JSON: for `--json`, and for the statistics inside of a checkpoint.
#pragma once

#include <nlohmann/json.hpp>

#include "engine/events.h"

namespace clipig {

/// One object each, with the member `event`. Numbers that are not finite become null.
[[nodiscard]] nlohmann::json to_json(const StartedEvent& event);
[[nodiscard]] nlohmann::json to_json(const StepEvent& event);
[[nodiscard]] nlohmann::json to_json(const PictureEvent& event, const std::string& path);
[[nodiscard]] nlohmann::json to_json(const WarningEvent& event);

/// The way back. Members that are missing keep their defaults. Throws nlohmann::json::exception for wrong types.
[[nodiscard]] StepEvent step_from_json(const nlohmann::json& json);

[[nodiscard]] const char* name_of(PictureReason reason);

}  // namespace clipig
