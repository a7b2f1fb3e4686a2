// Random numbers that depend on their address only, never on how many were drawn before.
// Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace clipig {

/// Where a random number is used. Two streams with different addresses are independent.
struct RandomAddress {
    std::uint64_t seed = 0;
    std::uint32_t epoch = 0;
    std::uint32_t target = 0;  ///< index of the target; constants below for other uses
    std::uint32_t view = 0;
    std::uint32_t op = 0;  ///< index of the operator in its list
};

/// Values of RandomAddress::target for streams that belong to no target.
inline constexpr std::uint32_t kInitStream = 0xFFFF0000u;
inline constexpr std::uint32_t kPostprocStream = 0xFFFF0001u;
inline constexpr std::uint32_t kExpressionStream = 0xFFFF0002u;

/// One block of Philox4x32 with ten rounds.
[[nodiscard]] std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key);

/// A stream of random numbers at one address. Copying it copies the position.
class Random {
public:
    explicit Random(const RandomAddress& address);
    [[nodiscard]] std::uint32_t bits();
    /// Uniform in [0, 1) with 53 random bits, as Python's random.random().
    [[nodiscard]] double uniform();
    /// Uniform in [low, high).
    [[nodiscard]] double uniform(double low, double high) { return low + (high - low) * uniform(); }
    /// Uniform integer in [0, count), without bias. count >= 1.
    [[nodiscard]] std::uint64_t below(std::uint64_t count);
    /// Normal with mean 0 and standard deviation 1 (Box-Muller).
    [[nodiscard]] double normal();

private:
    void refill();
    std::array<std::uint32_t, 2> key_{};
    std::array<std::uint32_t, 4> counter_{};
    std::array<std::uint32_t, 4> block_{};
    int used_ = 4;
    bool has_spare_ = false;
    double spare_ = 0;
};

/// Fill `count` floats with normal numbers; the values depend on address and index only, so any split over
/// threads gives the same bytes.
void fill_normal(const RandomAddress& address, float* out, std::size_t count);

}  // namespace clipig
