#include "base/random.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <cmath>
#include <numbers>
#include <vector>

namespace clipig {
namespace {

std::vector<float> normals(const RandomAddress& address, std::size_t count) {
    std::vector<float> numbers(count);
    fill_normal(address, numbers.data(), count);
    return numbers;
}

/// Known answers of Random123, the library of the paper's authors (kat_vectors, philox4x32 with 10 rounds).
TEST(Random, PhiloxGivesTheKnownAnswers) {
    using Block = std::array<std::uint32_t, 4>;
    EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
    EXPECT_EQ(philox({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}), (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
    EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
              (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, NormalNumbersDoNotDependOnThreadsOrCount) {
    const RandomAddress address{.seed = 5, .epoch = 2, .target = 1, .view = 3, .op = 4};
    const int before = omp_get_max_threads();
    omp_set_num_threads(1);
    const std::vector<float> one = normals(address, 10001);
    omp_set_num_threads(3);
    EXPECT_EQ(normals(address, 10001), one);
    omp_set_num_threads(before);
    for (const std::size_t count : {1U, 2U, 255U, 256U, 257U}) {
        EXPECT_EQ(normals(address, count), std::vector<float>(one.begin(), one.begin() + static_cast<std::ptrdiff_t>(count)));
    }
    EXPECT_NE(normals({.seed = 5, .epoch = 2, .target = 1, .view = 3, .op = 5}, 10001), one);
}

/// Four standard errors of each moment of a million numbers.
TEST(Random, NormalNumbersAreNormal) {
    constexpr std::size_t kCount = 1'000'000;
    const std::vector<float> numbers = normals({.seed = 1}, kCount);
    double mean = 0, square = 0, fourth = 0, neighbours = 0;
    for (std::size_t i = 0; i < kCount; ++i) {
        const auto x = static_cast<double>(numbers[i]);
        mean += x / kCount;
        square += x * x / kCount;
        fourth += x * x * x * x / kCount;
        if (i > 0) neighbours += x * static_cast<double>(numbers[i - 1]) / kCount;
    }
    const double error = 1 / std::sqrt(static_cast<double>(kCount));
    EXPECT_NEAR(mean, 0, 4 * error);
    EXPECT_NEAR(square, 1, 4 * error * std::numbers::sqrt2);
    EXPECT_NEAR(fourth, 3, 4 * error * std::sqrt(96.0));
    EXPECT_NEAR(neighbours, 0, 4 * error);
}

}  // namespace
}  // namespace clipig
