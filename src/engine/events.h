// What a run tells the outside. Sinks receive copies; nothing flows back except through Control.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "image/picture.h"

namespace clipig {

struct FeatureStats {
    std::string name;       ///< the prompt, or the picture's file name
    double similarity = 0;  ///< mean over the views, 100 x cosine
    double weight = 1;      ///< mean over the views
    bool active = true;
    std::int64_t chosen = 0;  ///< views that chose this feature (select best or worst)
};

struct ConstraintStats {
    std::string name;
    double value = 0;  ///< mean over the views, without the weight
    double weight = 1;
};

struct TargetStats {
    std::string name;
    std::int64_t views = 0;  ///< 0: not active in this epoch
    double loss = 0;         ///< with the target's weight
    double weight = 1;
    std::vector<FeatureStats> features;
    std::vector<ConstraintStats> constraints;
};

/// A model by which a picture was made.
struct ModelFact {
    std::string name;
    std::string hash;  ///< SHA-256 of its weights
};

struct StartedEvent {
    std::string model;  ///< ClipModel::describe(), or `no model`
    std::uint64_t seed = 0;
    std::int64_t first_epoch = 0;
    std::int64_t epochs = 0;
    std::int64_t width = 0;
    std::int64_t height = 0;
    double elapsed_seconds = 0;  ///< 0, or what a resumed run had behind it
    std::vector<ModelFact> models;
    std::vector<std::string> notes;  ///< which model `auto` chose, and so on
};

struct StepEvent {
    std::int64_t epoch = 0;  ///< the epoch just done
    std::int64_t epochs = 0;
    bool skipped = false;  ///< something was not finite and the step was taken back; the other values are those of the step before
    double loss = 0;
    double learnrate = 0;
    std::int64_t width = 0;
    std::int64_t height = 0;
    std::int64_t views = 0;      ///< evaluated in this epoch
    double step_seconds = 0;     ///< this epoch
    double elapsed_seconds = 0;  ///< since the first epoch
    std::vector<TargetStats> targets;
};

struct RunState;  // engine/run_state.h

enum class PictureReason { snapshot, finished, interrupted, failed };

struct PictureEvent {
    std::shared_ptr<const Planes> planes;  ///< clamped to 0..1
    std::int64_t epochs_done = 0;          ///< how many epochs of the run lie behind this picture
    PictureReason reason = PictureReason::snapshot;
    double elapsed_seconds = 0;
    std::vector<TargetStats> targets;       ///< of the last step
    std::shared_ptr<const RunState> state;  ///< for a checkpoint beside the picture; null when none is wanted now
};

/// A frame of the video: sent only when the configuration asks for one.
struct FrameEvent {
    std::shared_ptr<const Planes> planes;  ///< clamped to 0..1
    std::int64_t epochs_done = 0;
};

struct WarningEvent {
    std::string text;
};

/// A receiver of events. Called between steps, on the run's thread.
class Sink {
public:
    virtual ~Sink() = default;
    virtual void started(const StartedEvent&) {}
    virtual void step(const StepEvent&) {}
    virtual void picture(const PictureEvent&) {}
    virtual void frame(const FrameEvent&) {}
    /// A checkpoint between two snapshots (checkpoint_interval).
    virtual void checkpoint(const RunState&) {}
    virtual void warning(const WarningEvent&) {}
};

/// The small queue that flows back; may be used from a signal handler.
struct Control {
    std::atomic<bool> stop{false};
    std::atomic<bool> snapshot{false};
};

}  // namespace clipig
