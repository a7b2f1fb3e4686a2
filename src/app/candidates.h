// `candidates:` - several starts, the best of which goes on.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/run.h"

namespace clipig {

/// A run with the epochs that lie behind it.
struct Start {
    std::unique_ptr<Run> run;
    std::vector<StepEvent> steps;
};

/// `candidates` runs with seeds one after the other, the first that of the configuration, each for `candidate_share` of the epochs; the one
/// with the least loss, as the mean over the last quarter of these. Its state is that of an ordinary run with its seed. A stop ends the
/// comparison: the best so far is the answer. `say` receives a line for each.
[[nodiscard]] Start best_start(const std::shared_ptr<const Config>& config, RunSetup setup, const Control& control,
                               const std::function<void(const std::string&)>& say);

}  // namespace clipig
