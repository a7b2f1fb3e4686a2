// The folder that a file lies in.
#pragma once

#include <filesystem>

namespace clipig {

/// `.` for a bare name.
[[nodiscard]] std::filesystem::path folder_of(const std::filesystem::path& file);

/// fsync(2) of the folder, so that a rename within it lasts. A folder that cannot be read is left alone.
void sync_folder_of(const std::filesystem::path& file);

}  // namespace clipig
