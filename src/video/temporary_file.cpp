#include "video/temporary_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/error.h"

namespace clipig {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void fail(const fs::path& path) { throw Error("cannot write '" + path.string() + "': " + std::strerror(errno)); }

}  // namespace

TemporaryFile::TemporaryFile(fs::path wanted) : wanted_(std::move(wanted)) {
    const fs::path folder = wanted_.has_parent_path() ? wanted_.parent_path() : fs::path(".");
    std::string name = (folder / ("." + wanted_.filename().string() + ".XXXXXX")).string();
    file_ = Descriptor(::mkostemp(name.data(), O_CLOEXEC));
    if (!file_.valid()) fail(wanted_);
    path_ = name;
    const mode_t mask = ::umask(0);
    ::umask(mask);
    ::fchmod(file_.get(), 0666 & ~mask);
    ::flock(file_.get(), LOCK_EX);
}

TemporaryFile::~TemporaryFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
}

void TemporaryFile::keep() {
    if (::fsync(file_.get()) != 0 || ::rename(path_.c_str(), wanted_.c_str()) != 0) fail(wanted_);
    path_.clear();
}

}  // namespace clipig
