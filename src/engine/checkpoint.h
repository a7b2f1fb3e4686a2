// Checkpoints: the state of a run in a .safetensors file, whole or absent.
#pragma once

#include <filesystem>
#include <string>

#include "engine/run_state.h"

namespace clipig {

/// The video of a run. Its frames are the pictures after every `interval` epochs from epoch `first` on.
struct VideoName {
    std::filesystem::path path;  ///< empty: there is none
    std::int64_t first = 0;
    std::int64_t interval = 1;
};

/// A checkpoint's content. The names are those of files in the checkpoint's own folder.
struct Checkpoint {
    RunState state;
    std::string picture;  ///< `x.png`
    std::string yaml;     ///< the configuration beside it
    VideoName video;      ///< likewise
};

/// Tensors `pixels.N`, `image` (where the picture is not its own parameter) and `optimizer.NAME.N`; everything else is text in the
/// header's metadata under `clipig.*`. Written to a temporary name, synchronised and renamed. Throws Error.
void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);

/// Throws InputError for a file that is no checkpoint, or one that does not fit together.
[[nodiscard]] Checkpoint read_checkpoint(const std::filesystem::path& path);

}  // namespace clipig
