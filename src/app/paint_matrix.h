// All runs of a `matrix:`, one after the other.
#pragma once

#include <memory>

#include "app/matrix.h"
#include "app/options.h"
#include "config/config.h"

namespace clipig {

/// Paints every combination into a picture of its own name, goes on when one fails, and writes a contact sheet. With `options.missing`
/// those that are whole stay, and those with a checkpoint are resumed. `first` is the checked configuration of the first one
/// (check_matrix), after which all are named. Returns the exit code: that of the first failure, or kInterrupted.
[[nodiscard]] int paint_matrix(const Matrix& matrix, const Config& first, const RunOptions& options,
                               const std::shared_ptr<const Schema>& schema);

}  // namespace clipig
