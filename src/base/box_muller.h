// Normal numbers from uniform ones, many at a time.
#pragma once

#include <cstddef>

namespace clipig {

inline constexpr std::size_t kNormalPairs = 128;

/// Box and Muller, "A note on the generation of random normal deviates", 1958: first = sqrt(-2 ln u) cos(2 pi v), second with the sine, for
/// kNormalPairs pairs. u in (0, 1], v in [0, 1).
void box_muller(const double* u, const double* v, float* first, float* second);

}  // namespace clipig
