// Where files from the network are kept on this machine: the caches shared with other programs, our own, and locks. No torch here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "models/download.h"

namespace clipig {

/// The value of an environment variable, or empty. Read anew at each call.
[[nodiscard]] std::string environment(const char* name);

/// A switch such as HF_HUB_OFFLINE: true for 1, ON, YES, TRUE in any case (huggingface_hub's rule).
[[nodiscard]] bool environment_switch(const char* name);

/// `~`, `$NAME` and `${NAME}` replaced; an unknown variable stays as it is written.
[[nodiscard]] std::filesystem::path expand_path(std::string_view text);

/// $XDG_CACHE_HOME, or ~/.cache.
[[nodiscard]] std::filesystem::path user_cache();

/// ~/.cache/clip: where OpenAI's and open_clip's Python packages keep weight files. (They do not look at XDG_CACHE_HOME.)
[[nodiscard]] std::filesystem::path clip_cache();

/// Network use is switched off by HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE. We honour it for every download.
[[nodiscard]] bool offline();

/// Bytes that this user may still write in the file system of `path` (or of its nearest folder that exists); -1 when unknown.
[[nodiscard]] std::int64_t free_bytes(const std::filesystem::path& path);

/// Makes a folder and its parents, and on `undo` removes those it made, as far as they are empty: a failed download leaves no trace.
class MadeFolders {
public:
    /// Throws DownloadError (no_space or unwritable).
    void make(const std::filesystem::path& folder);
    void undo() noexcept;
    /// Opens a file for reading and writing, made when missing, together with its folder, which another process may be undoing at
    /// this moment. The descriptor, or -1 with errno.
    [[nodiscard]] int open(const std::filesystem::path& file);

private:
    std::vector<std::filesystem::path> made_;
};

/// An exclusive flock(2) on a lock file, as Python's filelock takes it; waits in short naps so that `while_waiting` may throw to give up.
/// Where the file system knows no locks, there is none.
class FileLock {
public:
    FileLock(const std::filesystem::path& path, MadeFolders& folders, const std::function<void()>& while_waiting = {});
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;
    ~FileLock();

private:
    int descriptor_ = -1;
};

/// `http://...` or `https://...`, in any case.
[[nodiscard]] bool is_url(std::string_view text);

/// A picture behind a URL (`init.image`, `features.image`): downloaded once, then always the same local file, under clipig/pictures in
/// the user's cache. Throws DownloadError.
[[nodiscard]] std::filesystem::path fetch_picture(const std::string& url, const DownloadCallbacks& callbacks = {});

}  // namespace clipig
