// `candidates:` - several starts, the best of which goes on.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/run.h"

namespace clipig {

/// A run with the epochs that lie behind it.
struct Start {
    std::unique_ptr<Run> run;
    std::vector<StepEvent> steps;
};

/// How far the comparison is.
struct CandidateReport {
    static constexpr const char *kBegins = "begins", *kDone = "done", *kChosen = "chosen";
    std::string state;
    std::int64_t number = 0;  ///< from 1
    std::int64_t of = 0;
    std::uint64_t seed = 0;
    std::int64_t epochs = 0;     ///< that lie behind it
    std::optional<double> loss;  ///< once it is done
};

/// `candidates` runs with seeds one after the other, the first that of the configuration, each for `candidate_share` of the epochs; the one
/// with the least loss, as the mean over the last quarter of these. Its state is that of an ordinary run with its seed. A stop ends the
/// comparison: the best so far is the answer. `tell` hears when each begins and is done, and in the end which was chosen.
[[nodiscard]] Start best_start(const std::shared_ptr<const Config>& config, RunSetup setup, const Control& control,
                               const std::function<void(const CandidateReport&)>& tell);

}  // namespace clipig
