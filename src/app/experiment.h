// From files and options to a checked configuration.
#pragma once

#include <memory>

#include "app/matrix.h"
#include "app/options.h"
#include "config/config.h"

namespace clipig {

/// Load, merge and apply --set assignments. A file that is a picture gives the configuration that it carries. What several files include
/// acts once; a file that is named here always acts.
[[nodiscard]] Node load_document(const ConfigOptions& options);

/// Throws ConfigError with all complaints.
[[nodiscard]] std::shared_ptr<const Config> check_document(const Node& document, const ConfigOptions& options,
                                                           std::shared_ptr<const Schema> schema);

/// Checks every value of a matrix; the first cell's configuration. Throws ConfigError.
[[nodiscard]] std::shared_ptr<const Config> check_matrix(const Matrix& matrix, const ConfigOptions& options,
                                                         const std::shared_ptr<const Schema>& schema);

/// All of it. Of a matrix the first cell is the result.
[[nodiscard]] std::shared_ptr<const Config> load_experiment(const ConfigOptions& options, std::shared_ptr<const Schema> schema);

/// The configuration of a run that goes on: `document` with changes merged over it. A change with `targets` or `postproc` replaces that
/// list (merging would append to it), and one with `targets` is taken for a whole experiment: what it does not say of `postproc` and
/// `stages` is gone.
[[nodiscard]] std::shared_ptr<const Config> change_experiment(Node document, const ConfigOptions& changes,
                                                              std::shared_ptr<const Schema> schema);

}  // namespace clipig
