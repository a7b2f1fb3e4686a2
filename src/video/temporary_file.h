// The name under which a video is written until it is whole.
#pragma once

#include <filesystem>

#include "base/descriptor.h"

namespace clipig {

/// `.NAME.XXXXXX` beside the file; locked (flock) while its writer lives, so that others see whether it is a dead one's leftover.
class TemporaryFile {
public:
    /// Throws Error naming `wanted`.
    explicit TemporaryFile(std::filesystem::path wanted);
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    /// Removes it, unless it was kept.
    ~TemporaryFile();

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    /// Synchronised and renamed to the wanted name. Throws Error.
    void keep();

private:
    std::filesystem::path wanted_, path_;
    Descriptor file_;
};

}  // namespace clipig
