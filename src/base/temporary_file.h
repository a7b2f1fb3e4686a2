// The name under which a file is written until it is whole.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "base/descriptor.h"

namespace clipig {

/// `.NAME.XXXXXX` beside the file, with the permissions that the umask leaves. All errors are Errors that name the file that is wanted.
class TemporaryFile {
public:
    explicit TemporaryFile(std::filesystem::path wanted);
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    /// Removes it, unless it was kept.
    ~TemporaryFile();

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    /// flock(2) for as long as this writer lives, so that others see whether the file is a dead one's leftover.
    void lock();
    void write(std::string_view content);
    /// Synchronised and renamed to the wanted name; the folder is synchronised, too.
    void keep();

private:
    std::filesystem::path wanted_, path_;
    Descriptor file_;
};

/// The temporary files of this name in its folder: of writers that live, or that were killed.
[[nodiscard]] std::vector<std::filesystem::path> temporary_files_of(const std::filesystem::path& wanted);

}  // namespace clipig
