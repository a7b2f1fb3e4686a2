#include "base/memory.h"

#include <malloc.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>

#include "base/error.h"
#include "base/text.h"

namespace clipig {
namespace {

/// The number in a file of the control group; nothing for `max` and for absent files.
std::optional<double> number_in(const char* path) {
    std::ifstream file(path);
    double value = 0;
    if (file >> value) return value;
    return std::nullopt;
}

}  // namespace

double available_memory() {
    double available = std::numeric_limits<double>::max();
    std::ifstream file("/proc/meminfo");
    std::string name;
    for (double kibibytes = 0; file >> name >> kibibytes; file.ignore(64, '\n')) {
        if (name == "MemAvailable:") available = kibibytes * 1024;
    }
    const auto limit = number_in("/sys/fs/cgroup/memory.max");
    const auto used = number_in("/sys/fs/cgroup/memory.current");
    if (limit && used) available = std::min(available, std::max(0.0, *limit - *used));
    return available;
}

void keep_freed_memory() {
    ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
    ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
}

void require_memory(double bytes, const std::string& what, const std::string& hint) {
    const double available = available_memory();
    if (bytes <= available) return;
    std::string message = what;
    message.append(" need about ")
        .append(byte_text(bytes))
        .append(" of memory, and ")
        .append(byte_text(available))
        .append(" are free; ")
        .append(hint);
    throw InputError(message);
}

}  // namespace clipig
