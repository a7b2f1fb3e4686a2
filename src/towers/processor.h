// What the processor offers. No torch here.
#pragma once

namespace clipig {

/// The number of physical cores that this process may run on, at least 1: the right number of threads for arithmetic, because
/// two threads of one core share its multipliers.
[[nodiscard]] int physical_cores();

}  // namespace clipig
