// clipig run: paint the picture.
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>


#include "app/devices.h"
#include "app/engine_commands.h"
#include "app/experiment.h"
#include "base/files.h"
#include "base/text.h"
#include "engine/loop.h"
#include "ops/full_schema.h"
#include "sinks/picture_files.h"
#include "sinks/terminal.h"

namespace clipig {
namespace {

constexpr int kInterrupted = 130;  // 128 + SIGINT, as shells count

Control control;

/// The first signal asks the run to save and stop, the second quits at once.
extern "C" void stop_on_signal(int) {
    if (control.stop.exchange(true)) ::_exit(kInterrupted);
}

void catch_signals() {
    struct sigaction action {};
    action.sa_handler = stop_on_signal;
    action.sa_flags = SA_RESTART;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
}

/// One picture. Returns true when it was interrupted.
bool paint(std::shared_ptr<const Config> config, Terminal& terminal) {
    const std::string last_file = config->files.empty() ? "-" : config->files.back();
    const at::Device device = find_device(config->top["device"].text());
    Run run(config, {model_loader(device, config->top["precision"].text()), device, 0});
    PictureFiles files(reserve_name(picture_path(config->top["output"].text(), last_file)), [&run] { return run.resolved(); },
                       [&terminal](const std::string& text) { terminal.warning({text}); });
    const Outcome outcome = run_to_end(run, {&terminal, &files}, control);
    const std::string how = outcome == Outcome::interrupted ? fmt::format("stopped after epoch {}, ", run.epoch()) : "";
    terminal.say(fmt::format("{}{} in {}", how, files.path().string(), duration_text(run.last().elapsed_seconds)));
    return outcome == Outcome::interrupted;
}

/// The same experiment with its seed raised by `offset`; a drawn seed is drawn anew.
ConfigOptions with_seed(ConfigOptions options, const Config& first, int offset) {
    const Setting& seed = first.top["seed"];
    if (!seed.null() && offset > 0) options.assignments.push_back("seed=" + std::to_string(seed.integer() + offset));
    return options;
}

}  // namespace

int run_command(const RunOptions& options) {
    set_threads(options.threads);
    const auto schema = std::make_shared<const Schema>(full_schema());
    auto config = load_experiment(options.config, schema);
    Terminal terminal(static_cast<int>(config->top["verbose"].integer()), stderr);
    catch_signals();
    for (int i = 0; i < options.repeat; ++i) {
        if (i > 0) config = load_experiment(with_seed(options.config, *config, 1), schema);
        if (paint(config, terminal)) return kInterrupted;
    }
    return 0;
}

}  // namespace clipig
