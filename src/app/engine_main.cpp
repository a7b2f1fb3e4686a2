// `clipig-engine`: the part of clipig that computes. Started by `clipig` with the same arguments.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "app/command_line.h"
#include "app/engine_commands.h"
#include "base/memory.h"

namespace clipig {
namespace {

int dispatch(const Command& command) {
    if (const auto* run = std::get_if<RunOptions>(&command)) return run_command(*run);
    if (const auto* preview = std::get_if<PreviewOptions>(&command)) return preview_command(*preview);
    if (const auto* apply = std::get_if<ApplyOptions>(&command)) return apply_command(*apply);
    if (const auto* encode = std::get_if<EmbedOptions>(&command)) return encode_command(*encode);
    if (const auto* rate = std::get_if<RateOptions>(&command)) return rate_command(*rate);
    if (const auto* resume = std::get_if<ResumeOptions>(&command)) return resume_command(*resume);
    if (const auto* models = std::get_if<ModelsOptions>(&command)) return inspect_command(*models);
    if (const auto* check = std::get_if<CheckOptions>(&command)) return memory_command(*check);
    std::cerr << "error: this command belongs to `clipig`\n";
    return 2;
}

/// Without the destructors of libtorch, which take back all that it registered, piece by piece: a tenth of a short run.
/// Sanitizers report at the end, so they get it.
[[noreturn]] void leave(int code) {
#ifdef __SANITIZE_ADDRESS__
    std::exit(code);
#else
    std::cout.flush();
    std::cerr.flush();
    std::fflush(nullptr);
    ::_exit(code);
#endif
}

}  // namespace
}  // namespace clipig

int main(int argc, char** argv) {
    clipig::keep_freed_memory();
    clipig::leave(clipig::guarded_main(argc, argv, clipig::dispatch));
}
