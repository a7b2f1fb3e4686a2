#include "base/folder.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/descriptor.h"

namespace clipig {

std::filesystem::path folder_of(const std::filesystem::path& file) { return file.has_parent_path() ? file.parent_path() : "."; }

void sync_folder_of(const std::filesystem::path& file) {
    const Descriptor folder(::open(folder_of(file).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.valid()) ::fsync(folder.get());
}

}  // namespace clipig
