// Compiled with -ffast-math (CMakeLists.txt): only then does g++ take the vector functions of the C library. One loop for each function,
// because sine and cosine of the same angle would become one call that has no vector form.
#include "base/box_muller.h"

#include <array>
#include <cmath>
#include <numbers>

namespace clipig {

void box_muller(const double* u, const double* v, float* first, float* second) {
    constexpr double kTurn = 2.0 * std::numbers::pi;
    std::array<double, kNormalPairs> radius;
    for (std::size_t i = 0; i < kNormalPairs; ++i) radius[i] = std::sqrt(-2.0 * std::log(u[i]));
    for (std::size_t i = 0; i < kNormalPairs; ++i) first[i] = static_cast<float>(radius[i] * std::cos(kTurn * v[i]));
    for (std::size_t i = 0; i < kNormalPairs; ++i) second[i] = static_cast<float>(radius[i] * std::sin(kTurn * v[i]));
}

}  // namespace clipig
