// From files and options to a checked configuration.
#pragma once

#include <memory>

#include "app/options.h"
#include "config/config.h"

namespace clipig {

/// Load, merge, apply --set assignments, validate. A file that is a picture gives the configuration that it carries. Throws ConfigError
/// with all complaints.
[[nodiscard]] std::shared_ptr<const Config> load_experiment(const ConfigOptions& options, std::shared_ptr<const Schema> schema);

/// The configuration of a run that goes on: `document` with changes merged over it. A change with `targets` or `postproc` replaces that
/// list (merging would append to it), and one with `targets` is taken for a whole experiment: what it does not say of `postproc` is gone.
[[nodiscard]] std::shared_ptr<const Config> change_experiment(Node document, const ConfigOptions& changes, std::shared_ptr<const Schema> schema);

}  // namespace clipig
