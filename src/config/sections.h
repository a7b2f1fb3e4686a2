// The sections of a configuration: `top`, `init`, `target`, `feature`, `postproc`, declared like operators.
#pragma once

#include <vector>

#include "config/schema.h"

namespace clipig {

[[nodiscard]] std::vector<OperatorSpec> section_specs();

/// How the path of the feature that `no_text` adds to a target ends.
inline constexpr const char* kNoTextPath = ".no_text";

}  // namespace clipig
