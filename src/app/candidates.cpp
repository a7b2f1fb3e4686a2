#include "app/candidates.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace clipig {
namespace {

double late_loss(const std::vector<StepEvent>& steps) {
    const std::size_t count = std::max<std::size_t>(1, steps.size() / 4);
    double sum = 0;
    std::size_t counted = 0;
    for (std::size_t i = steps.size() - std::min(count, steps.size()); i < steps.size(); ++i) {
        if (steps[i].skipped) continue;
        sum += steps[i].loss;
        ++counted;
    }
    return counted == 0 ? std::numeric_limits<double>::infinity() : sum / static_cast<double>(counted);
}

/// Paints up to `end`, or until a stop.
void go_on(Start& start, std::int64_t end, const Control& control) {
    while (start.run->epoch() < end && !start.run->done() && !control.stop) {
        start.steps.push_back(start.run->step());
    }
}

}  // namespace

Start best_start(const std::shared_ptr<const Config>& config, RunSetup setup, const Control& control,
                 const std::function<void(const CandidateReport&)>& tell) {
    const std::int64_t count = config->top["candidates"].integer();
    const double share = config->top["candidate_share"].real();
    Start best;
    CandidateReport chosen;
    std::uint64_t seed = 0;
    for (std::int64_t i = 0; i < count && !(control.stop && best.run); ++i) {
        Start start;
        if (i > 0) setup.seed = seed + static_cast<std::uint64_t>(i);
        start.run = std::make_unique<Run>(config, setup);
        if (i == 0) seed = start.run->seed();
        const std::int64_t first = start.run->epoch();
        CandidateReport report{CandidateReport::kBegins, i + 1, count, start.run->seed(), first, {}};
        tell(report);
        const auto length = std::llround(share * static_cast<double>(start.run->epochs() - first));
        go_on(start, first + std::max<std::int64_t>(1, length), control);
        if (control.stop && best.run) break;  // this one was not painted as far as the others
        report.state = CandidateReport::kDone;
        report.epochs = start.run->epoch();
        report.loss = late_loss(start.steps);
        tell(report);
        if (best.run && !(*report.loss < *chosen.loss)) continue;
        best = std::move(start);
        chosen = report;
    }
    chosen.state = CandidateReport::kChosen;
    tell(chosen);
    return best;
}

}  // namespace clipig
