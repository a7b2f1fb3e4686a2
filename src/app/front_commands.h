// The commands that need no torch: one file each.
#pragma once

#include "app/options.h"

namespace clipig {

/// Each returns the program's exit code and throws the library's errors.
[[nodiscard]] int check_command(const CheckOptions& options);
[[nodiscard]] int docs_command(const DocsOptions& options);
[[nodiscard]] int list_command(const ListOptions& options);
[[nodiscard]] int models_command(const ModelsOptions& options);
[[nodiscard]] int show_command(const ShowOptions& options);
[[nodiscard]] int plot_command(const PlotOptions& options);

/// True when one of the files is `-`: it can be read only once.
[[nodiscard]] inline bool reads_standard_input(const ConfigOptions& options) {
    for (const auto& file : options.files) {
        if (file == "-") return true;
    }
    return false;
}

}  // namespace clipig
