// clipig resume: go on from a checkpoint.
#include "app/devices.h"
#include "app/engine_commands.h"
#include "app/experiment.h"
#include "app/painter.h"
#include "ops/full_schema.h"

namespace clipig {
int resume_command(const ResumeOptions& options) {
    set_threads(options.threads);
    const Continuation continuation = continuation_of(options.from);
    const auto schema = std::make_shared<const Schema>(full_schema());
    const auto source = std::make_shared<SourceText>(SourceText{continuation.names.checkpoint.string(), continuation.state.configuration});
    const auto config = change_experiment(parse_yaml(source), options.config, schema);
    catch_signals();
    Outlets outlets(options.log);
    return paint(config, outlets, continuation).interrupted ? kInterrupted : 0;
}

}  // namespace clipig
