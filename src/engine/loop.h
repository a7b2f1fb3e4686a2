// Runs a run to its end, and tells the sinks.
#pragma once

#include <vector>

#include "engine/run.h"

namespace clipig {

/// Why the loop ended.
enum class Outcome { finished, interrupted };

/// Epoch after epoch until the end or until `control.stop`. Emits started, step, and a picture at each snapshot
/// (`snapshot_interval`), on request, and at the end - also when a step throws, before the exception goes on - and the frames of a video.
/// `behind`: epochs that this run has done already and nobody was told of.
[[nodiscard]] Outcome run_to_end(Run& run, const std::vector<Sink*>& sinks, Control& control, const std::vector<StepEvent>& behind = {});

}  // namespace clipig
