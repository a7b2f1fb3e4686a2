// The commands that need models or tensors: one file each.
#pragma once

#include "app/options.h"

namespace clipig {

/// Each returns the program's exit code and throws the library's errors.
[[nodiscard]] int run_command(const RunOptions& options);
[[nodiscard]] int resume_command(const ResumeOptions& options);
[[nodiscard]] int preview_command(const PreviewOptions& options);
[[nodiscard]] int apply_command(const ApplyOptions& options);
[[nodiscard]] int encode_command(const EmbedOptions& options);
[[nodiscard]] int rate_command(const RateOptions& options);
[[nodiscard]] int memory_command(const CheckOptions& options);
[[nodiscard]] int inspect_command(const ModelsOptions& options);

}  // namespace clipig
