// Painting one picture with everything around it: signals, files, logs. Shared by `run` and `resume`.
#pragma once

#include <memory>
#include <optional>

#include "app/outlets.h"
#include "config/config.h"
#include "engine/run_state.h"
#include "sinks/picture_files.h"

namespace clipig {

/// Exit code of a run that a signal stopped, after saving: 128 + SIGINT, as shells count.
inline constexpr int kInterrupted = 130;

/// SIGINT, SIGTERM and SIGHUP ask the run to save and stop; a second SIGINT quits at once. SIGPIPE is ignored: a reader that goes away must
/// not end a run.
void catch_signals();

/// A run that goes on.
struct Continuation {
    RunNames names;
    RunState state;
};

/// What a checkpoint holds: the checkpoint itself, or the one beside a picture that belongs to it. Throws InputError when there is none.
[[nodiscard]] Continuation continuation_of(const std::string& from);

struct Painted {
    bool interrupted = false;
    std::filesystem::path picture;
    double loss = 0;  ///< of the last epoch
};

/// One picture, or, with `candidates`, the best of several starts; `outlets` hear of it, too. Throws the library's errors; what was reached
/// is saved then.
Painted paint(const std::shared_ptr<const Config>& config, Outlets& outlets,
              const std::optional<Continuation>& continuation = std::nullopt);

}  // namespace clipig
