// From files and options to a checked configuration.
#pragma once

#include <memory>

#include "app/options.h"
#include "config/config.h"

namespace clipig {

/// Load, merge, apply --set assignments, validate. Throws ConfigError with all complaints.
[[nodiscard]] std::shared_ptr<const Config> load_experiment(const ConfigOptions& options, std::shared_ptr<const Schema> schema);

}  // namespace clipig
