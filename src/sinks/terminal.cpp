#include "sinks/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/text.h"

namespace clipig {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kLiveInterval = 0.1;    // seconds between two drawings on a terminal
constexpr double kPlainInterval = 10.0;  // seconds between two plain lines

int columns_of(std::FILE* stream) {
    winsize size{};
    if (::ioctl(::fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 20) return size.ws_col;
    return 100;
}

bool is_terminal(std::FILE* stream) {
    const char* term = std::getenv("TERM");
    return ::isatty(::fileno(stream)) == 1 && (term == nullptr || std::strcmp(term, "dumb") != 0);
}

std::string cut(const std::string& text, std::size_t width) {
    if (utf8_length(text) <= width) return text;
    return text.substr(0, utf8_offset(text, width - 1)) + "…";
}

/// `strawberry 27.3, blurry -4.1`: the similarity of every feature that is active.
std::string similarities(const StepEvent& event) {
    std::string text;
    for (const TargetStats& target : event.targets) {
        for (const FeatureStats& feature : target.features) {
            if (!feature.active) continue;
            text += fmt::format("{}{} {:.1f}", text.empty() ? "" : ", ", cut(feature.name, 24), feature.similarity);
        }
    }
    return text;
}

std::string bar(double done, int width) {
    const int full = std::clamp(static_cast<int>(done * width), 0, width);
    std::string text = "[";
    for (int i = 0; i < width; ++i) text += i < full ? '#' : '.';
    return text + "]";
}

std::string summary(const StepEvent& event, double rate, double left) {
    return fmt::format("{}/{}  loss {:.4g}  {:.3g} views/s  {} left", event.epoch + 1, event.epochs, event.loss, rate, duration_text(left));
}

}  // namespace

std::string statistics_table(const std::vector<TargetStats>& targets, int columns) {
    const auto width = static_cast<std::size_t>(std::clamp(columns - 44, 16, 60));
    std::string text;
    for (const TargetStats& target : targets) {
        if (target.views == 0) {
            text += fmt::format("  {}: not active\n", target.name);
            continue;
        }
        text += fmt::format("  {}: loss {:.4g}, weight {:.3g}, {} view{}\n", target.name, target.loss, target.weight, target.views,
                            target.views == 1 ? "" : "s");
        for (const FeatureStats& feature : target.features) {
            if (!feature.active) continue;
            const std::string chosen = feature.chosen > 0 ? fmt::format("  chosen {}x", feature.chosen) : "";
            text += fmt::format("    {:<{}} sim {:>7.2f}  weight {:>6.3g}{}\n", cut(feature.name, width), width, feature.similarity,
                                feature.weight, chosen);
        }
        for (const ConstraintStats& constraint : target.constraints) {
            if (constraint.weight == 0) continue;
            text += fmt::format("    {:<{}} loss {:>6.3g}  weight {:>6.3g}\n", constraint.name, width, constraint.value, constraint.weight);
        }
    }
    return text;
}

Terminal::Terminal(int verbose, std::FILE* stream) : verbose_(verbose), stream_(stream), live_(is_terminal(stream)) {}

void Terminal::put(const std::string& text) {
    // a terminal that was closed, or a full disk behind a log file, must not end the run: what cannot be written is dropped
    (void)std::fwrite(text.data(), 1, text.size(), stream_);
    (void)std::fflush(stream_);
    std::clearerr(stream_);
}

void Terminal::erase() {
    if (drawn_ > 0) put(fmt::format("\r\x1b[{}A\x1b[J", drawn_));
    drawn_ = 0;
}

void Terminal::say(const std::string& line) {
    if (verbose_ == 0) return;
    erase();
    put(fmt::format("{}\n", line));
}

void Terminal::started(const StartedEvent& event) {
    first_epoch_ = event.first_epoch;
    earlier_seconds_ = event.elapsed_seconds;
    for (const auto& note : event.notes) say(note);
    say(fmt::format("{}; {}x{} pixels; epochs {} to {}; seed {}", event.model, event.width, event.height, event.first_epoch, event.epochs,
                    event.seed));
    last_drawn_ = {};
    views_per_second_ = 0;
}

void Terminal::step(const StepEvent& event) {
    if (verbose_ == 0) return;
    // a moving average, so that the figure can be read
    if (event.step_seconds > 0) {
        const double now = static_cast<double>(event.views) / event.step_seconds;
        views_per_second_ = views_per_second_ == 0 ? now : 0.9 * views_per_second_ + 0.1 * now;
    }
    const auto time = Clock::now();
    const double since = std::chrono::duration<double>(time - last_drawn_).count();
    const bool last = event.epoch + 1 >= event.epochs;
    if (!last && since < (live_ ? kLiveInterval : kPlainInterval)) return;
    last_drawn_ = time;
    draw(event);
}

void Terminal::draw(const StepEvent& event) {
    const int columns = columns_of(stream_);
    const double done = static_cast<double>(event.epoch + 1) / static_cast<double>(std::max<std::int64_t>(1, event.epochs));
    const auto steps = static_cast<double>(event.epoch + 1 - first_epoch_);
    const double left =
        (event.elapsed_seconds - earlier_seconds_) / std::max(1.0, steps) * static_cast<double>(event.epochs - event.epoch - 1);
    const std::string line = summary(event, views_per_second_, left);
    const std::string sims = similarities(event);
    if (!live_) {
        put(fmt::format("epoch {}{}{}\n", line, sims.empty() ? "" : "  sim ", sims));
        if (verbose_ >= 2) put(statistics_table(event.targets, columns));
        return;
    }
    erase();
    const std::string first = cut(fmt::format("{} {:3.0f} %  {}", bar(done, std::clamp(columns / 4, 10, 40)), 100 * done, line),
                                  static_cast<std::size_t>(columns - 1));
    const std::string rest =
        verbose_ >= 2 ? statistics_table(event.targets, columns) : cut("  sim " + sims, static_cast<std::size_t>(columns - 1)) + "\n";
    put(fmt::format("{}\n{}", first, rest));
    drawn_ = 1 + static_cast<int>(std::count(rest.begin(), rest.end(), '\n'));
}

void Terminal::picture(const PictureEvent& event) {
    // what was drawn last stays on the screen when the run is over
    if (event.reason != PictureReason::snapshot) drawn_ = 0;
}

void Terminal::warning(const WarningEvent& event) {
    erase();
    put(fmt::format("warning: {}\n", event.text));
}

}  // namespace clipig
