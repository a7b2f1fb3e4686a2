// `clipig`: answers what needs no torch itself, in milliseconds, and becomes `clipig-engine` for the rest.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "app/command_line.h"
#include "app/embedded_schema.h"
#include "app/experiment.h"
#include "app/front_commands.h"
#include "base/process.h"

namespace clipig {
namespace {

/// OpenBLAS 0.3.21 takes newer AMD processors for Haswell and leaves AVX-512 unused; it reads this before main().
void choose_blas_kernels() {
    __builtin_cpu_init();
    if (!__builtin_cpu_is("amd") || !__builtin_cpu_supports("avx512f")) return;
    ::setenv("OPENBLAS_CORETYPE", __builtin_cpu_supports("avx512bf16") ? "COOPERLAKE" : "SKYLAKEX", 0);
}

/// Threads that wait for their next piece of work keep a processor busy for a while, so that they start at once; libgomp's own while
/// (milliseconds) starves everybody when other programs are running: 72 seconds for 30 epochs of mini beside two busy programs, 11 with
/// this one, and no slower on an idle machine. Read when libgomp is loaded; the user's word wins.
void shorten_busy_waiting() {
    if (std::getenv("OMP_WAIT_POLICY") == nullptr) ::setenv("GOMP_SPINCOUNT", "10000", 0);
}

/// The engine lies beside this program, or in ../libexec/clipig of an installation.
std::filesystem::path engine_program() {
    const std::filesystem::path folder = program_folder();
    std::error_code code;
    const auto beside = folder / "clipig-engine";
    if (std::filesystem::exists(beside, code)) return beside;
    return folder.parent_path() / "libexec" / "clipig" / "clipig-engine";
}

int become_engine(char** argv) {
    choose_blas_kernels();
    shorten_busy_waiting();
    const auto program = engine_program();
    ::execv(program.c_str(), argv);
    std::cerr << "error: cannot start '" << program.string() << "'; is the installation whole?\n";
    return 1;
}

int run_front(const Command& command, char** argv) {
    // configurations are checked here, so that a typo is answered before anything is loaded
    if (const auto* run = std::get_if<RunOptions>(&command); run != nullptr && !reads_standard_input(run->config)) {
        (void)load_experiment(run->config, embedded_schema());
    }
    if (needs_engine(command)) return become_engine(argv);
    if (const auto* check = std::get_if<CheckOptions>(&command)) return check_command(*check);
    if (const auto* docs = std::get_if<DocsOptions>(&command)) return docs_command(*docs);
    if (const auto* list = std::get_if<ListOptions>(&command)) return list_command(*list);
    if (const auto* show = std::get_if<ShowOptions>(&command)) return show_command(*show);
    if (const auto* plot = std::get_if<PlotOptions>(&command)) return plot_command(*plot);
    return models_command(std::get<ModelsOptions>(command));
}

}  // namespace
}  // namespace clipig

int main(int argc, char** argv) {
    return clipig::guarded_main(argc, argv, [argv](const clipig::Command& command) { return clipig::run_front(command, argv); });
}
