// Files that are whole or absent, names that are never overwritten, checksums.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace clipig {

/// The whole file. Throws InputError naming the path and the reason.
[[nodiscard]] std::string read_file(const std::filesystem::path& path);

/// Write to a temporary name in the same folder, fsync, rename over `path`. Throws Error; `path` is then as it was.
void write_file_atomic(const std::filesystem::path& path, std::string_view content);
/// The same for content in several pieces, written one after the other.
void write_file_atomic(const std::filesystem::path& path, const std::vector<std::string_view>& pieces);

/// Reserve a name that no other run has: `dir/stem.ext`, or `dir/stem-N.ext` with N one past the highest there is.
/// Creates an empty file (O_EXCL), so that runs started at the same moment get different names; makes `dir`.
[[nodiscard]] std::filesystem::path reserve_name(const std::filesystem::path& wanted);

/// Lower-case hex SHA-256 of data or of a file (read in pieces).
[[nodiscard]] std::string sha256_hex(std::string_view data);
[[nodiscard]] std::string sha256_file(const std::filesystem::path& path);

/// `~` and `~/x` expanded by $HOME.
[[nodiscard]] std::filesystem::path expand_home(std::string_view path);

}  // namespace clipig
