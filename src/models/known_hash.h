// Checksums of weight files, which have gigabytes, without reading these again for every run. No torch here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace clipig {

/// Smaller files are read each time: that takes less than .1 s.
inline constexpr std::uintmax_t kRememberedSize = 64u << 20;

/// sha256_file(). That of a large file is remembered under clipig/hashes in the user's cache, together with the file's place,
/// size and times of change; where that cannot be written it is not. Throws InputError for a file that cannot be read.
[[nodiscard]] std::string known_sha256(const std::filesystem::path& file);

}  // namespace clipig
