#include "models/download_part.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "base/files.h"
#include "base/folder.h"
#include "base/text.h"
#include "models/download.h"

namespace clipig {
namespace fs = std::filesystem;
namespace {

DownloadError write_failure(const fs::path& path, int error) {
    if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
        const std::int64_t room = free_bytes(path);
        return {DownloadFailure::no_space, "no space left for '" + path.string() + "' (" + std::strerror(error) +
                                               (room >= 0 ? ", " + byte_text(static_cast<double>(room)) + " free" : std::string()) +
                                               "); make room, or put the cache on another disk"};
    }
    return {DownloadFailure::unwritable, "cannot write '" + path.string() + "': " + std::strerror(error)};
}

}  // namespace

Part::Part(fs::path destination, MadeFolders& folders, const std::function<bool()>& ready, const std::function<void()>& while_waiting)
    : destination_(std::move(destination)),
      path_(destination_.string() + ".incomplete"),
      tag_path_(destination_.string() + ".incomplete.etag") {
    try {
        while (!open_and_lock(folders, while_waiting)) close();
        obsolete_ = ready();
        if (obsolete_) remove();
    } catch (...) {
        close();
        throw;
    }
}

Part::~Part() { close(); }

void Part::close() noexcept {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
}

/// False when the file was renamed or removed by the process that held the lock: then the name must be opened anew.
bool Part::open_and_lock(MadeFolders& folders, const std::function<void()>& while_waiting) {
    descriptor_ = folders.open(path_);
    if (descriptor_ < 0) throw write_failure(path_, errno);
    while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && (errno == EWOULDBLOCK || errno == EINTR)) {
        if (while_waiting) while_waiting();
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    struct stat opened {};
    struct stat named {};
    if (::fstat(descriptor_, &opened) != 0) throw write_failure(path_, errno);
    if (::stat(path_.c_str(), &named) != 0 || opened.st_ino != named.st_ino || opened.st_dev != named.st_dev) return false;
    size_ = opened.st_size;
    return true;
}

void Part::append(std::string_view piece) {
    while (!piece.empty()) {
        const auto written = ::pwrite(descriptor_, piece.data(), piece.size(), size_);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) throw write_failure(path_, errno);
        size_ += written;
        piece.remove_prefix(static_cast<std::size_t>(written));
    }
}

void Part::truncate(std::int64_t size) {
    if (size == size_) return;
    if (::ftruncate(descriptor_, size) != 0) throw write_failure(path_, errno);
    size_ = size;
}

void Part::publish() {
    if (::fsync(descriptor_) != 0) throw write_failure(path_, errno);
    if (::rename(path_.c_str(), destination_.c_str()) != 0) throw write_failure(destination_, errno);
    ::unlink(tag_path_.c_str());
    sync_folder_of(destination_);
}

void Part::remove() noexcept {
    ::unlink(path_.c_str());
    ::unlink(tag_path_.c_str());
}

std::string Part::tag() const {
    std::error_code code;
    if (!fs::is_regular_file(tag_path_, code)) return {};
    return std::string(trim(read_file(tag_path_)));
}

void Part::keep_tag(const std::string& tag) {
    if (tag.empty()) {
        ::unlink(tag_path_.c_str());
        return;
    }
    try {
        write_file_atomic(tag_path_, tag + "\n");
    } catch (const Error&) {
        ::unlink(tag_path_.c_str());  // without it the next process starts from the first byte, that is all
    }
}

}  // namespace clipig
