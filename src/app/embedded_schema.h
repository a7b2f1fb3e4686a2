// The schema of all operators, made at build time by asking them, so that this program needs no torch.
#pragma once

#include <memory>

#include "config/schema.h"

namespace clipig {
[[nodiscard]] std::shared_ptr<const Schema> embedded_schema();
}
