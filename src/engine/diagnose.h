// Which part of an epoch gives numbers that are not finite. Called only after that happened: it evaluates the epoch once more, slowly.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "engine/frame.h"
#include "engine/models.h"
#include "engine/target.h"

namespace clipig {

/// Thrown inside an epoch for a loss, gradient or pixel that is not finite. Run::step() turns it into a warning or an Error.
class NotFiniteError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

[[nodiscard]] bool all_finite(const Tensor& tensor);
[[nodiscard]] bool all_finite(const std::vector<Tensor>& tensors);

/// Names target and operator: `target 'berries': transform mul (targets[0].transforms[1].mul) gives numbers that are not finite`.
/// `image` [1,3,H,W] is the picture that went into the epoch.
[[nodiscard]] std::string find_culprit(std::vector<Target>& targets, const RunModels& models, const Tensor& image, const Frame& frame);

}  // namespace clipig
