// What a person sees while a run goes on: a progress bar and a table on a terminal, plain lines elsewhere.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>

#include "engine/events.h"

namespace clipig {

class Terminal final : public Sink {
public:
    /// verbose: 0 nothing, 1 progress, 2 progress and statistics. Writes to `stream` (standard error).
    Terminal(int verbose, std::FILE* stream);

    void started(const StartedEvent& event) override;
    void step(const StepEvent& event) override;
    void picture(const PictureEvent& event) override;
    void warning(const WarningEvent& event) override;
    /// One line for the user, above the progress bar.
    void say(const std::string& line);

private:
    void put(const std::string& text);
    void draw(const StepEvent& event);
    void erase();

    int verbose_;
    std::FILE* stream_;
    bool live_;      ///< the stream is a terminal that can be redrawn
    int drawn_ = 0;  ///< lines of the live region
    std::chrono::steady_clock::time_point last_drawn_{};
    double views_per_second_ = 0;
    std::int64_t first_epoch_ = 0;
    double earlier_seconds_ = 0;  ///< of a run that goes on, before it was stopped
};

/// The statistics of one target as lines of text, at most `columns` wide.
[[nodiscard]] std::string statistics_table(const std::vector<TargetStats>& targets, int columns);

}  // namespace clipig
