#include "base/temporary_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/error.h"
#include "base/folder.h"

namespace clipig {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void fail(const fs::path& path) { throw Error("cannot write '" + path.string() + "': " + std::strerror(errno)); }

constexpr std::string_view kPattern = "XXXXXX";  // of mkostemp

/// What the name of a temporary file begins with.
std::string start_of_name(const fs::path& wanted) { return "." + wanted.filename().string() + "."; }

}  // namespace

TemporaryFile::TemporaryFile(fs::path wanted) : wanted_(std::move(wanted)) {
    std::string name = (folder_of(wanted_) / start_of_name(wanted_)).string().append(kPattern);
    file_ = Descriptor(::mkostemp(name.data(), O_CLOEXEC));
    if (!file_.valid()) fail(wanted_);
    path_ = name;
    const mode_t mask = ::umask(0);
    ::umask(mask);
    ::fchmod(file_.get(), 0666 & ~mask);
}

TemporaryFile::~TemporaryFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
}

void TemporaryFile::lock() { ::flock(file_.get(), LOCK_EX); }

void TemporaryFile::write(std::string_view content) {
    while (!content.empty()) {
        const auto written = ::write(file_.get(), content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail(wanted_);
        content.remove_prefix(static_cast<std::size_t>(written));
    }
}

void TemporaryFile::keep() {
    if (::fsync(file_.get()) != 0 || ::rename(path_.c_str(), wanted_.c_str()) != 0) fail(wanted_);
    path_.clear();
    sync_folder_of(wanted_);
}

std::vector<fs::path> temporary_files_of(const fs::path& wanted) {
    const std::string start = start_of_name(wanted);
    std::vector<fs::path> found;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(folder_of(wanted), code)) {
        const std::string name = entry.path().filename().string();
        if (name.size() == start.size() + kPattern.size() && name.starts_with(start)) found.push_back(entry.path());
    }
    return found;
}

}  // namespace clipig
