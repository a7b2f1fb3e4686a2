#include "engine/loop.h"

#include <chrono>
#include <exception>

namespace clipig {
namespace {

using Clock = std::chrono::steady_clock;

/// Decides when a snapshot is due: after so many epochs, or so many seconds.
class SnapshotClock {
public:
    explicit SnapshotClock(const Setting& interval) {
        if (interval.null()) return;
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

/// Every sink gets it, also when one throws; the first exception goes on then.
template <class Send>
void deliver(const std::vector<Sink*>& sinks, const Send& send) {
    std::exception_ptr first;
    for (Sink* sink : sinks) {
        try {
            send(*sink);
        } catch (...) {
            if (!first) first = std::current_exception();
        }
    }
    if (first) std::rethrow_exception(first);
}

void emit_picture(const Run& run, const std::vector<Sink*>& sinks, PictureReason reason) {
    PictureEvent event;
    const bool only_at_stops = !run.config().top["checkpoint_interval"].null();
    if (run.config().top["checkpoint"].boolean() && !(only_at_stops && reason == PictureReason::snapshot)) {
        event.state = std::make_shared<const RunState>(run.save_state());
    }
    event.planes = run.picture(reason != PictureReason::snapshot);
    event.epochs_done = run.epoch();
    event.reason = reason;
    event.elapsed_seconds = run.last().elapsed_seconds;
    event.targets = run.last().targets;
    deliver(sinks, [&](Sink& sink) { sink.picture(event); });
}

void emit_checkpoint(const Run& run, const std::vector<Sink*>& sinks) {
    if (!run.config().top["checkpoint"].boolean()) return;
    const RunState state = run.save_state();
    for (Sink* sink : sinks) sink->checkpoint(state);
}

/// Sends the picture as a frame of the video when one is due: after every `interval` epochs, and at the end.
void emit_frame(const Run& run, const std::vector<Sink*>& sinks, bool last = false) {
    if (!run.config().video) return;
    const bool due = run.epoch() % (*run.config().video)["interval"].integer() == 0;
    if (due == last) return;  // the last one was sent already, or none is due
    const FrameEvent event{run.picture(), run.epoch()};
    for (Sink* sink : sinks) sink->frame(event);
}

/// The picture of a run that fails. That it cannot be written must not hide why the run failed.
void keep_what_there_is(const Run& run, const std::vector<Sink*>& sinks) {
    try {
        emit_picture(run, sinks, PictureReason::failed);
    } catch (const std::exception& error) {
        for (Sink* sink : sinks) sink->warning({error.what()});
    }
}

/// One epoch and what it has to tell. What was reached before a failure is kept.
void do_epoch(Run& run, const std::vector<Sink*>& sinks, std::int64_t first_epoch) {
    try {
        run.step();
    } catch (...) {
        if (run.epoch() > first_epoch) keep_what_there_is(run, sinks);
        throw;
    }
    for (const std::string& warning : run.take_warnings()) {
        for (Sink* sink : sinks) sink->warning({warning});
    }
    for (Sink* sink : sinks) sink->step(run.last());
    emit_frame(run, sinks);
}

}  // namespace

Outcome run_to_end(Run& run, const std::vector<Sink*>& sinks, Control& control, const std::vector<StepEvent>& behind) {
    StartedEvent started = run.started();
    if (!behind.empty()) {
        started.first_epoch = behind.front().epoch;
        started.elapsed_seconds = 0;
    }
    for (Sink* sink : sinks) sink->started(started);
    for (const StepEvent& event : behind) {
        for (Sink* sink : sinks) sink->step(event);
    }
    SnapshotClock clock(run.config().top["snapshot_interval"]);
    SnapshotClock checkpoints(run.config().top["checkpoint_interval"]);
    emit_checkpoint(run, sinks);  // from now on there is something to resume from
    emit_frame(run, sinks);
    while (!run.done() && !control.stop) {
        do_epoch(run, sinks, started.first_epoch);
        const bool asked = control.snapshot.exchange(false);
        const bool picture_due = clock.due() || asked;
        const bool checkpoint_due = checkpoints.due();
        if (run.done() || control.stop) break;
        if (picture_due) emit_picture(run, sinks, PictureReason::snapshot);
        if (checkpoint_due) emit_checkpoint(run, sinks);
    }
    const bool interrupted = control.stop && !run.done();
    emit_frame(run, sinks, true);
    emit_picture(run, sinks, interrupted ? PictureReason::interrupted : PictureReason::finished);
    return interrupted ? Outcome::interrupted : Outcome::finished;
}

}  // namespace clipig
