// The sections of a configuration: `top`, `init`, `target`, `feature`, `postproc`, declared like operators.
#pragma once

#include <vector>

#include "config/schema.h"

namespace clipig {

[[nodiscard]] std::vector<OperatorSpec> section_specs();

}  // namespace clipig
