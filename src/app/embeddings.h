// Embeddings of texts and picture files, for `encode` and `rate`.
#pragma once

#include <string>
#include <vector>

#include "engine/models.h"
#include "image/picture.h"

namespace clipig {

/// The one model of a command, loaded on this device. Prints its note to standard error.
[[nodiscard]] std::shared_ptr<ClipModel> load_for_command(const std::string& model, const std::string& device);

/// [N,E], not normalised, of pictures prepared by the model's own preprocessing.
[[nodiscard]] Tensor encode_pictures(const ClipModel& model, const std::vector<Picture>& pictures);

}  // namespace clipig
