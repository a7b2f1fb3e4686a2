// The README.md beside exported weights.
#pragma once

#include <filesystem>
#include <string>

#include "model.h"
#include "settings.h"
#include "trainer.h"

namespace clipig::mini {

/// Fill the places `{like_this}` of the template with what is so: sizes of the network, numbers of the data and the training, and the
/// table of figures (a sentence, when nothing was measured). Throws InputError for a template with an unknown place.
[[nodiscard]] std::string model_card(const std::string& card_template, const Settings& settings, Trainer& trainer,
                                     const std::string& figures);

}  // namespace clipig::mini
