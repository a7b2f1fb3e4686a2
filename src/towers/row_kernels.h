// Layer norm, activations and conversions over rows, forward and backward to the input, on all threads. Every row is summed in
// one fixed order, so that results do not depend on the number of threads. No torch here.
#pragma once

#include <bit>
#include <cstdint>

#include "towers/architecture.h"

namespace clipig {

/// Fewer numbers than this are faster on one thread: starting the others costs some microseconds.
inline constexpr std::int64_t kWorthThreads = 1 << 14;

/// bfloat16 storage; arithmetic is float32.
struct Bfloat16 {
    std::uint16_t bits = 0;
};

inline float widen(float value) { return value; }
inline float widen(Bfloat16 value) { return std::bit_cast<float>(static_cast<std::uint32_t>(value.bits) << 16); }
/// Round to nearest, ties to even (finite values).
template <class T>
inline T narrowed(float value);
template <>
inline float narrowed<float>(float value) {
    return value;
}
template <>
inline Bfloat16 narrowed<Bfloat16>(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    return {static_cast<std::uint16_t>((bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16)};
}

/// exp(x), clamped to [-87, 88], relative error below 3e-7; written so that compilers vectorise loops over it.
inline float fast_exp(float x) {
    constexpr float kLog2E = 1.44269504f, kRound = 12582912.0f;  // 1.5 * 2^23 rounds to the nearest integer when added
    constexpr float kLn2High = 0.693359375f, kLn2Low = -2.12194440e-4f;
    x = x < -87.0f ? -87.0f : x;
    x = x > 88.0f ? 88.0f : x;
    const float shifted = x * kLog2E + kRound;
    const float n = shifted - kRound;
    const float r = (x - n * kLn2High) - n * kLn2Low;
    // Taylor's series to the seventh order on |r| <= ln(2) / 2, Horner
    float p = 1.0f / 5040;
    p = p * r + 1.0f / 720;
    p = p * r + 1.0f / 120;
    p = p * r + 1.0f / 24;
    p = p * r + 1.0f / 6;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    const auto exponent = (std::bit_cast<std::uint32_t>(shifted) - std::bit_cast<std::uint32_t>(kRound) + 127u) << 23;
    return p * std::bit_cast<float>(exponent);
}

/// normed = (x - mean) / deviation of every row of x [rows,width]; `inverse` [rows] = 1 / deviation.
template <class T>
void normalise_rows(std::int64_t rows, std::int64_t width, double epsilon, const float* x, T* normed, float* inverse);

/// The gradient of normalise_rows at `normed`: d [rows,width] -> dx, added to what is there; a copy of the sum goes to `copy`
/// unless that is null. `dx_step` is the distance of rows in dx; copies are packed.
template <class T>
void normalise_rows_backward(std::int64_t rows, std::int64_t width, const float* d, const T* normed, const float* inverse, float* dx,
                             std::int64_t dx_step, T* copy);

/// u -> activated = f(u), and u is overwritten by the slope f'(u).
template <class T>
void activate_with_slope(std::int64_t count, Activation activation, T* u, T* activated);

}  // namespace clipig
