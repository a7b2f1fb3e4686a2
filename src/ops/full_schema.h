// The schema of this program: the sections of the configuration and every operator that registered itself.
#pragma once

#include "config/schema.h"

namespace clipig {
[[nodiscard]] Schema full_schema();
}
