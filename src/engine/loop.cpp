#include "engine/loop.h"

#include <chrono>

namespace clipig {
namespace {

using Clock = std::chrono::steady_clock;

/// Decides when a snapshot is due: after so many epochs, or so many seconds.
class SnapshotClock {
public:
    explicit SnapshotClock(const Setting& interval) {
        const Value& value = std::get<Value>(interval.entries()[0]);
        if (value.is_int()) {
            epochs_ = static_cast<std::int64_t>(value.number());
        } else {
            seconds_ = value.number();
        }
    }

    [[nodiscard]] bool due() {
        ++since_;
        const bool by_epochs = epochs_ > 0 && since_ >= epochs_;
        const bool by_time = seconds_ > 0 && std::chrono::duration<double>(Clock::now() - last_).count() >= seconds_;
        if (by_epochs || by_time) reset();
        return by_epochs || by_time;
    }

    void reset() {
        since_ = 0;
        last_ = Clock::now();
    }

private:
    std::int64_t epochs_ = 0;
    double seconds_ = 0;
    std::int64_t since_ = 0;
    Clock::time_point last_ = Clock::now();
};

void emit_picture(const Run& run, const std::vector<Sink*>& sinks, PictureReason reason) {
    PictureEvent event;
    event.planes = run.picture();
    event.epochs_done = run.epoch();
    event.reason = reason;
    event.elapsed_seconds = run.last().elapsed_seconds;
    event.targets = run.last().targets;
    for (Sink* sink : sinks) sink->picture(event);
}

}  // namespace

Outcome run_to_end(Run& run, const std::vector<Sink*>& sinks, Control& control) {
    const StartedEvent started = run.started();
    for (Sink* sink : sinks) sink->started(started);
    SnapshotClock clock(run.config().top["snapshot_interval"]);
    while (!run.done() && !control.stop) {
        try {
            run.step();
        } catch (...) {
            // what was reached before the failure is worth keeping
            if (run.epoch() > started.first_epoch) emit_picture(run, sinks, PictureReason::failed);
            throw;
        }
        for (Sink* sink : sinks) sink->step(run.last());
        const bool asked = control.snapshot.exchange(false);
        if ((clock.due() || asked) && !run.done() && !control.stop) emit_picture(run, sinks, PictureReason::snapshot);
    }
    const bool interrupted = control.stop && !run.done();
    emit_picture(run, sinks, interrupted ? PictureReason::interrupted : PictureReason::finished);
    return interrupted ? Outcome::interrupted : Outcome::finished;
}

}  // namespace clipig
