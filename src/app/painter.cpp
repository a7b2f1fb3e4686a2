#include "app/painter.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/candidates.h"
#include "app/devices.h"
#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "engine/loop.h"
#include "sinks/metrics_file.h"
#include "sinks/video_file.h"

namespace clipig {
namespace {

Control control;
std::atomic<bool> asked_by_key{false};

extern "C" void stop_on_signal(int signal) {
    control.stop = true;
    // a closing terminal may send SIGHUP twice, and an impatient service manager SIGTERM: only Ctrl-C twice means `now`
    if (signal == SIGINT && asked_by_key.exchange(true)) ::_exit(kInterrupted);
}

/// Everybody who listens to one run.
class Audience {
public:
    Audience(const Config& config, Outlets& outlets)
        : terminal_(static_cast<int>(config.top["verbose"].integer()), stderr), outlets_(outlets) {}

    /// From here on the run that paints `picture` is listened to.
    void attend(const std::string& picture) {
        sinks_ = outlets_.listeners(picture);
        sinks_.insert(sinks_.begin(), &terminal_);
    }

    void add(Sink& sink) { sinks_.push_back(&sink); }
    [[nodiscard]] const std::vector<Sink*>& sinks() const { return sinks_; }

    void warn(const std::string& text) {
        for (Sink* sink : sinks_) sink->warning({text});
    }

    void say(const std::string& line) {
        terminal_.say(line);
        outlets_.say(line);
    }

    void tell(const nlohmann::json& event) { outlets_.tell(event); }
    void failed(const std::string& message) { outlets_.failed(message); }

private:
    Terminal terminal_;
    Outlets& outlets_;
    std::vector<Sink*> sinks_;
};

void tell_candidate(Audience& audience, const CandidateReport& report) {
    nlohmann::json event{{"event", "candidate"},    {"state", report.state}, {"candidate", report.number},
                         {"candidates", report.of}, {"seed", report.seed},   {"epochs_done", report.epochs}};
    if (report.loss) event["loss"] = *report.loss;
    audience.tell(event);
    if (report.state == CandidateReport::kChosen) {
        audience.say(fmt::format("goes on with seed {}", report.seed));
    } else if (report.loss) {
        audience.say(fmt::format("candidate {} of {}: seed {}, loss {:.5g} after {} epochs", report.number, report.of, report.seed,
                                 *report.loss, report.epochs));
    }
}

RunNames reserved_names(const Config& config) {
    const std::string last_file = config.files.empty() ? "-" : config.files.back();
    return names_beside(reserve_name(picture_path(config.top["output"].text(), last_file)));
}

/// Nothing when no video is wanted.
std::unique_ptr<VideoFile> open_video(const Run& run, const RunNames& names, const std::function<void(const std::string&)>& warn) {
    const auto& settings = run.config().video;
    if (!settings) return nullptr;
    return std::make_unique<VideoFile>(
        VideoPlan{&*settings, names.picture, run.largest_resolution(), run.epoch(), names.video, program_folder() / "clipig-video"}, warn);
}

bool run_with(Run& run, RunNames names, bool resumed, Audience& audience, const std::vector<StepEvent>& behind) {
    const auto warn = [&audience](const std::string& text) { audience.warn(text); };
    const auto video = open_video(run, names, warn);
    names.video = video ? video->name() : VideoName{};
    PictureFiles files(
        names, resumed, [&run] { return run.resolved(); }, warn);
    audience.add(files);
    if (video) audience.add(*video);  // after the picture, which matters more
    std::filesystem::path table = names.picture;
    MetricsFile metrics(table.replace_extension(".csv"), warn);
    if (run.config().top["metrics"].boolean()) audience.add(metrics);
    const Outcome outcome = run_to_end(run, audience.sinks(), control, behind);
    const bool interrupted = outcome == Outcome::interrupted;
    const std::string how = interrupted ? fmt::format("stopped after {} of {} epochs, ", run.epoch(), run.epochs()) : "";
    const std::string more =
        interrupted && run.config().top["checkpoint"].boolean() ? fmt::format("; `clipig resume {}` goes on", names.picture.string()) : "";
    audience.say(fmt::format("{}{} in {}{}", how, names.picture.string(), duration_text(run.last().elapsed_seconds), more));
    if (video && video->frames()) audience.say(fmt::format("{}: {} frames", video->name().path.string(), *video->frames()));
    return interrupted;
}

/// Models that the run before used need not be loaded again; others are forgotten when a run has loaded its own.
ModelLoader kept_models(at::Device device, const std::string& precision) {
    static std::map<std::string, std::weak_ptr<ClipModel>> used;
    static std::vector<std::shared_ptr<ClipModel>> last;
    struct Facts {
        std::string name, note;
    };
    static std::map<std::string, Facts> facts;
    auto held = std::make_shared<std::vector<std::shared_ptr<ClipModel>>>(std::exchange(last, {}));
    return [held, device, precision, load = model_loader(device, precision)](const std::string& name) {
        const std::string key = fmt::format("{} {} {}", device.str(), precision, name);
        auto& known = used[key];
        LoadedModel model;
        if (auto still = known.lock()) {
            model = {std::move(still), facts[key].name, facts[key].note};
        } else {
            model = load(name);
            known = model.model;
            facts[key] = {model.name, model.note};
        }
        last.push_back(model.model);
        return model;
    };
}

}  // namespace

void catch_signals() {
    struct sigaction action {};
    action.sa_handler = stop_on_signal;
    action.sa_flags = SA_RESTART;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

namespace {

/// The run, with the epochs of a candidate behind it.
Start started_run(const std::shared_ptr<const Config>& config, Audience& audience, bool goes_on) {
    const at::Device device = find_device(config->top["device"].text());
    const RunSetup setup{kept_models(device, config->top["precision"].text()), device, {}};
    if (!goes_on && config->top["candidates"].integer() > 1) {
        return best_start(config, setup, control, [&audience](const CandidateReport& report) { tell_candidate(audience, report); });
    }
    return {std::make_unique<Run>(config, setup), {}};
}

}  // namespace

Painted paint(const std::shared_ptr<const Config>& config, Outlets& outlets, const std::optional<Continuation>& continuation) {
    Audience audience(*config, outlets);
    try {
        Start start = started_run(config, audience, continuation.has_value());
        Run& run = *start.run;
        std::vector<std::string> notes;
        if (continuation) notes = run.load_state(continuation->state);
        const RunNames names = continuation ? continuation->names : reserved_names(*config);
        audience.attend(names.picture.string());
        for (const std::string& note : notes) audience.warn(note);
        const bool interrupted = run_with(run, names, continuation.has_value(), audience, start.steps);
        return {interrupted, names.picture, run.last().loss};
    } catch (const std::exception& error) {
        audience.failed(error.what());
        throw;
    }
}

}  // namespace clipig
