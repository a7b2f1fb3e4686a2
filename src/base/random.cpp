#include "base/random.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/box_muller.h"

namespace clipig {
namespace {

/// SplitMix64 finaliser (Steele, Lea, Flood 2014): spreads the address over the Philox key and counter.
std::uint64_t mix(std::uint64_t x) {
    x += 0x9E3779B97F4A7C15ull;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
    return x ^ (x >> 31);
}

std::array<std::uint32_t, 2> key_of(const RandomAddress& address) {
    const std::uint64_t key = mix(address.seed ^ mix((std::uint64_t{address.epoch} << 32) | address.target));
    return {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)};
}

constexpr double kUnit53 = 1.0 / 9007199254740992.0;  // 2^-53

double to_unit(std::uint32_t high, std::uint32_t low) { return static_cast<double>(((std::uint64_t{high} << 32) | low) >> 11) * kUnit53; }

}  // namespace

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> c, std::array<std::uint32_t, 2> k) {
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t p0 = std::uint64_t{0xD2511F53u} * c[0];
        const std::uint64_t p1 = std::uint64_t{0xCD9E8D57u} * c[2];
        c = {static_cast<std::uint32_t>(p1 >> 32) ^ c[1] ^ k[0], static_cast<std::uint32_t>(p1),
             static_cast<std::uint32_t>(p0 >> 32) ^ c[3] ^ k[1], static_cast<std::uint32_t>(p0)};
        k[0] += 0x9E3779B9u;
        k[1] += 0xBB67AE85u;
    }
    return c;
}

Random::Random(const RandomAddress& address) : key_(key_of(address)), counter_{0, 0, address.view, address.op} {}

void Random::refill() {
    block_ = philox(counter_, key_);
    used_ = 0;
    if (++counter_[0] == 0) ++counter_[1];
}

std::uint32_t Random::bits() {
    if (used_ == 4) refill();
    return block_[static_cast<std::size_t>(used_++)];
}

double Random::uniform() {
    const std::uint32_t high = bits();
    return to_unit(high, bits());
}

std::uint64_t Random::below(std::uint64_t count) {
    const std::uint64_t limit = UINT64_MAX - UINT64_MAX % count;
    for (;;) {
        const std::uint64_t high = bits();
        const std::uint64_t drawn = (high << 32) | bits();
        if (drawn < limit) return drawn % count;
    }
}

double Random::normal() {
    if (has_spare_) {
        has_spare_ = false;
        return spare_;
    }
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    const double angle = 2.0 * std::numbers::pi * uniform();
    spare_ = radius * std::sin(angle);
    has_spare_ = true;
    return radius * std::cos(angle);
}

void fill_normal(const RandomAddress& address, float* out, std::size_t count) {
    const auto key = key_of(address);
    // counter word 1 has its top bit set, so these blocks never meet those of Random at the same address
#pragma omp parallel for schedule(static)
    for (std::size_t begin = 0; begin < count; begin += 2 * kNormalPairs) {
        std::array<double, kNormalPairs> u, v;
        std::array<float, kNormalPairs> first, second;
        for (std::size_t i = 0; i < kNormalPairs; ++i) {
            const std::size_t block = begin / 2 + i;
            const auto word = static_cast<std::uint32_t>(block >> 32) | 0x80000000u;
            const auto bits = philox({static_cast<std::uint32_t>(block), word, address.view, address.op}, key);
            u[i] = 1.0 - to_unit(bits[0], bits[1]);
            v[i] = to_unit(bits[2], bits[3]);
        }
        box_muller(u.data(), v.data(), first.data(), second.data());
        for (std::size_t i = begin; i < std::min(count, begin + 2 * kNormalPairs); ++i) {
            const std::size_t pair = (i - begin) / 2;
            out[i] = i % 2 == 0 ? first[pair] : second[pair];
        }
    }
}

}  // namespace clipig
