#include "models/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "base/error.h"

namespace clipig {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& why) {
    throw InputError("cannot read '" + path.string() + "': " + why);
}

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) fail(path, std::strerror(errno));
    struct stat info {};
    std::string why;
    if (::fstat(fd, &info) != 0) {
        why = std::strerror(errno);
    } else if (S_ISDIR(info.st_mode)) {
        why = "it is a folder, not a weight file";
    } else if (!S_ISREG(info.st_mode)) {
        why = "it is not a regular file";
    } else if (info.st_size > 0) {
        size_ = static_cast<std::size_t>(info.st_size);
        data_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd, 0);
        if (data_ == MAP_FAILED) {
            why = std::strerror(errno);
            data_ = nullptr;
            size_ = 0;
        }
    }
    ::close(fd);
    if (!why.empty()) fail(path, why);
}

MappedFile::~MappedFile() {
    if (data_ != nullptr) ::munmap(data_, size_);
}

}  // namespace clipig
