// The part of a file that is on this machine so far: `NAME.incomplete`, locked. Used by download only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "models/cache.h"

namespace clipig {

/// Opened (made when missing) and locked by flock(2) for as long as it lives; another process that wants it waits. Everything throws
/// DownloadError (no_space, unwritable).
class Part {
public:
    /// Waits for the lock, calling `while_waiting` (which may throw) between tries. `ready` is asked after that: when it says that the
    /// destination is there, the part is not needed and `obsolete()` is true.
    Part(std::filesystem::path destination, MadeFolders& folders, const std::function<bool()>& ready,
         const std::function<void()>& while_waiting);
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
    ~Part();

    [[nodiscard]] bool obsolete() const { return obsolete_; }
    [[nodiscard]] std::int64_t size() const { return size_; }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    void append(std::string_view piece);
    void truncate(std::int64_t size);
    void publish();          ///< fsync, rename to the destination, fsync the folder
    void remove() noexcept;  ///< the part and its tag

    /// The entity tag of the content, beside the part, so that a later process may continue it. Empty when there is none.
    [[nodiscard]] std::string tag() const;
    void keep_tag(const std::string& tag);

private:
    [[nodiscard]] bool open_and_lock(MadeFolders& folders, const std::function<void()>& while_waiting);
    void close() noexcept;

    std::filesystem::path destination_;
    std::filesystem::path path_;
    std::filesystem::path tag_path_;
    int descriptor_ = -1;
    std::int64_t size_ = 0;
    bool obsolete_ = false;
};

}  // namespace clipig
