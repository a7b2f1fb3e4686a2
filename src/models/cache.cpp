#include "models/cache.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "base/files.h"
#include "base/text.h"

namespace clipig {
namespace fs = std::filesystem;
namespace {

bool name_character(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

}  // namespace

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

bool environment_switch(const char* name) {
    const std::string value = lower(environment(name));
    return value == "1" || value == "on" || value == "yes" || value == "true";
}

fs::path expand_path(std::string_view text) {
    std::string expanded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '$') {
            expanded += text[i];
            continue;
        }
        const bool braces = i + 1 < text.size() && text[i + 1] == '{';
        const std::size_t begin = i + (braces ? 2 : 1);
        std::size_t end = begin;
        while (end < text.size() && name_character(text[end])) ++end;
        const std::string name(text.substr(begin, end - begin));
        const bool whole = !name.empty() && (!braces || (end < text.size() && text[end] == '}'));
        const char* value = whole ? std::getenv(name.c_str()) : nullptr;
        if (value == nullptr) {
            expanded += '$';
            continue;
        }
        expanded += value;
        i = end - (braces ? 0 : 1);
    }
    return expand_home(expanded);
}

fs::path user_cache() {
    const std::string given = environment("XDG_CACHE_HOME");
    return given.empty() ? expand_home("~/.cache") : expand_path(given);
}

fs::path clip_cache() { return expand_home("~/.cache/clip"); }

bool offline() { return environment_switch("HF_HUB_OFFLINE") || environment_switch("TRANSFORMERS_OFFLINE"); }

std::int64_t free_bytes(const fs::path& path) {
    std::error_code code;
    fs::path folder = fs::absolute(path, code);
    while (!folder.empty() && folder != folder.parent_path() && !fs::exists(folder, code)) folder = folder.parent_path();
    struct statvfs system {};
    if (::statvfs(folder.c_str(), &system) != 0) return -1;
    return static_cast<std::int64_t>(system.f_bavail) * static_cast<std::int64_t>(system.f_frsize);
}

void MadeFolders::make(const fs::path& folder) {
    if (folder.empty() || fs::is_directory(folder)) return;
    make(folder.parent_path());
    std::error_code code;
    if (fs::create_directory(folder, code)) {
        made_.push_back(folder);
    } else if (code) {
        const bool full = code == std::errc::no_space_on_device;
        throw DownloadError(full ? DownloadFailure::no_space : DownloadFailure::unwritable,
                            "cannot make the folder '" + folder.string() + "': " + code.message());
    }
}

void MadeFolders::undo() noexcept {
    for (auto folder = made_.rbegin(); folder != made_.rend(); ++folder) ::rmdir(folder->c_str());
    made_.clear();
}

int MadeFolders::open(const fs::path& file) {
    int descriptor = -1;
    for (int tries = 0; tries < 20; ++tries) {
        try {
            make(file.parent_path());
        } catch (const DownloadError&) {
            if (tries == 19 || fs::exists(file.parent_path().parent_path())) throw;
        }
        descriptor = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666);
        if (descriptor >= 0 || errno != ENOENT) break;
    }
    return descriptor;
}

FileLock::FileLock(const fs::path& path, MadeFolders& folders, const std::function<void()>& while_waiting) {
    descriptor_ = folders.open(path);
    if (descriptor_ < 0)
        throw DownloadError(errno == ENOSPC ? DownloadFailure::no_space : DownloadFailure::unwritable,
                            "cannot make the lock '" + path.string() + "': " + std::strerror(errno));
    try {
        while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && (errno == EWOULDBLOCK || errno == EINTR)) {
            if (while_waiting) while_waiting();
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
    } catch (...) {
        ::close(descriptor_);
        throw;
    }
}

FileLock::~FileLock() { ::close(descriptor_); }

bool is_url(std::string_view text) {
    const std::string start = lower(text.substr(0, 8));
    return start.starts_with("http://") || start == "https://";
}

fs::path fetch_picture(const std::string& url, const DownloadCallbacks& callbacks) {
    const fs::path path = user_cache() / "clipig" / "pictures" / sha256_hex(url);
    if (fs::is_regular_file(path)) return path;
    DownloadOptions options;
    options.callbacks = callbacks;
    const std::string address = url.substr(0, url.find_first_of("?#"));
    options.name = address.substr(address.find_last_of('/') + 1);
    download(url, path, options);
    return path;
}

}  // namespace clipig
