#include "models/known_hash.h"

#include <sys/stat.h>

#include <ctime>
#include <optional>

#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "models/cache.h"

namespace clipig {
namespace fs = std::filesystem;
namespace {

constexpr std::time_t kSettled = 2;  // seconds: a file that is still being written may change again within the clock's step
constexpr std::size_t kDigits = 64;

/// What changes when the file does; nothing for a file that is small, not to be seen, or just written.
std::optional<std::string> facts_of(const fs::path& file) {
    struct stat facts {};
    if (::stat(file.c_str(), &facts) != 0 || static_cast<std::uintmax_t>(facts.st_size) < kRememberedSize) return std::nullopt;
    if (std::time(nullptr) - facts.st_ctim.tv_sec <= kSettled) return std::nullopt;
    return fmt::format("{} {} {} {}.{:09} {}.{:09}", facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec,
                       facts.st_ctim.tv_sec, facts.st_ctim.tv_nsec);
}

/// The hash in a note that begins with these facts.
std::optional<std::string> noted(const fs::path& note, const std::string& facts) {
    std::error_code code;
    if (!fs::is_regular_file(note, code)) return std::nullopt;
    const auto lines = split(read_file(note), '\n');
    if (lines.size() < 2 || lines[0] != facts || lines[1].size() != kDigits) return std::nullopt;
    return lines[1];
}

}  // namespace

std::string known_sha256(const fs::path& file) {
    const auto facts = facts_of(file);
    if (!facts) return sha256_file(file);
    std::error_code code;
    const std::string place = fs::absolute(file, code).lexically_normal().string();
    const fs::path note = user_cache() / "clipig" / "hashes" / sha256_hex(place).substr(0, 32);
    try {
        if (auto known = noted(note, *facts)) return *known;
    } catch (const Error&) {  // a note that cannot be read is none
    }
    const std::string hash = sha256_file(file);
    try {
        fs::create_directories(note.parent_path(), code);
        write_file_atomic(note, *facts + "\n" + hash + "\n");
    } catch (const Error&) {  // the next run computes it again
    }
    return hash;
}

}  // namespace clipig
