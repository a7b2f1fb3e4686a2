// `clipig-engine`: the part of clipig that computes. Started by `clipig` with the same arguments.
#include <exception>
#include <iostream>

#include "app/command_line.h"
#include "app/engine_commands.h"
#include "base/error.h"
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

}  // namespace
}  // namespace clipig

int main(int argc, char** argv) {
    using namespace clipig;
    keep_freed_memory();
    const auto parsed = parse_command_line({argv + 1, argv + argc});
    if (const auto* ended = std::get_if<ParsedExit>(&parsed)) return ended->code;
    try {
        return dispatch(std::get<Command>(parsed));
    } catch (const ConfigError& error) {
        std::cerr << error.what();
        return error.exit_code();
    } catch (const Error& error) {
        std::cerr << "error: " << error.what() << "\n";
        return error.exit_code();
    } catch (const std::bad_alloc&) {
        std::cerr << "error: out of memory; a smaller resolution, batch_size or model needs less\n";
        return 1;
    } catch (const std::exception& error) {
        std::cerr << "error: " << error.what() << "\n";
        return 1;
    }
}
