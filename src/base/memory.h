// How much memory this process may still take.
#pragma once

#include <cstdint>
#include <string>

namespace clipig {

/// Bytes that can be had without swapping: MemAvailable of /proc/meminfo, or what the control group leaves of its limit when that is
/// less. A very large number when the system does not say.
[[nodiscard]] double available_memory();

/// Throws InputError `WHAT need about X, and Y are free; HINT` when `bytes` are not to be had.
void require_memory(double bytes, const std::string& what, const std::string& hint);

/// Freed blocks stay in the process from here on: an epoch allocates the same sizes again, and fresh pages from the kernel cost time.
void keep_freed_memory();

}  // namespace clipig
