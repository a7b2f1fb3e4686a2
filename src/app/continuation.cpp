#include <fmt/format.h>

#include "app/painter.h"
#include "base/error.h"
#include "base/files.h"
#include "base/temporary_file.h"
#include "engine/checkpoint.h"

namespace clipig {
namespace {

namespace fs = std::filesystem;

struct Found {
    fs::path path;
    Checkpoint checkpoint;
};

/// The checkpoint itself, or the one beside a picture that belongs to it.
Found find_checkpoint(const std::string& from) {
    const fs::path path = expand_home(from);
    if (path.extension() == ".safetensors") return {path, read_checkpoint(path)};
    const std::string ending = ".checkpoint.safetensors";
    std::error_code code;
    for (const fs::path& candidate : {fs::path(path.string() + ending), path.parent_path() / (path.stem().string() + ending)}) {
        if (!fs::exists(candidate, code)) continue;
        Checkpoint checkpoint = read_checkpoint(candidate);
        if (checkpoint.picture == path.filename().string()) return {candidate, std::move(checkpoint)};
    }
    throw InputError(fmt::format("there is no checkpoint beside '{}'; `clipig {}` paints it from the beginning", from, from));
}

/// A kill may leave temporary files; those of this run's names are removed.
void remove_leftovers(const RunNames& names) {
    std::error_code code;
    for (const fs::path& own : {names.picture, names.yaml, names.checkpoint}) {
        for (const fs::path& leftover : temporary_files_of(own)) fs::remove(leftover, code);
    }
}

}  // namespace

Continuation continuation_of(const std::string& from) {
    Found found = find_checkpoint(from);
    const fs::path folder = found.path.parent_path();
    VideoName video = found.checkpoint.video;
    if (!video.path.empty()) video.path = folder / video.path;
    Continuation continuation{{folder / found.checkpoint.picture, folder / found.checkpoint.yaml, found.path, video},
                              std::move(found.checkpoint.state)};
    remove_leftovers(continuation.names);
    return continuation;
}

}  // namespace clipig
