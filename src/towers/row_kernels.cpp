#include "towers/row_kernels.h"

#include <cmath>

namespace clipig {
namespace {

struct ValueAndSlope {
    float value, slope;
};

// types and not functions, so that they are inlined into a loop that is then vectorised
struct QuickGelu {
    ValueAndSlope operator()(float x) const {
        const float s = 1.0f / (1.0f + fast_exp(-1.702f * x));
        return {x * s, s + 1.702f * x * s * (1.0f - s)};
    }
};

/// Phi by Abramowitz and Stegun 7.1.26 (absolute error 1.5e-7), whose exponential is also the density's.
struct Gelu {
    ValueAndSlope operator()(float x) const {
        const float z = std::fabs(x) * 0.70710678f;
        const float t = 1.0f / (1.0f + 0.3275911f * z);
        const float e = fast_exp(-z * z);
        const float tail =
            0.5f * e * t * (0.254829592f + t * (-0.284496736f + t * (1.421413741f + t * (-1.453152027f + t * 1.061405429f))));
        const float phi = x < 0 ? tail : 1.0f - tail;
        return {x * phi, phi + x * e * 0.39894228f};
    }
};

struct GeluTanh {
    ValueAndSlope operator()(float x) const {
        constexpr float kRoot = 0.79788456f, kCube = 0.044715f;
        const float y = kRoot * (x + kCube * x * x * x);
        const float t = 1.0f - 2.0f / (1.0f + fast_exp(2.0f * y));
        const float dy = kRoot * (1.0f + 3.0f * kCube * x * x);
        return {0.5f * x * (1.0f + t), 0.5f * (1.0f + t) + 0.5f * x * (1.0f - t * t) * dy};
    }
};

template <class T, class F>
void apply(std::int64_t count, T* u, T* activated, F function) {
    constexpr std::int64_t kPiece = 4096;
    const std::int64_t pieces = (count + kPiece - 1) / kPiece;
#pragma omp parallel for schedule(static) if (count >= kWorthThreads)
    for (std::int64_t piece = 0; piece < pieces; ++piece) {
        const std::int64_t first = piece * kPiece, last = first + kPiece < count ? first + kPiece : count;
#pragma omp simd
        for (std::int64_t i = first; i < last; ++i) {
            const ValueAndSlope at = function(widen(u[i]));
            activated[i] = narrowed<T>(at.value);
            u[i] = narrowed<T>(at.slope);
        }
    }
}

}  // namespace

template <class T>
void normalise_rows(std::int64_t rows, std::int64_t width, double epsilon, const float* x, T* normed, float* inverse) {
    const float scale = 1.0f / static_cast<float>(width), small = static_cast<float>(epsilon);
#pragma omp parallel for schedule(static) if (rows * width >= kWorthThreads)
    for (std::int64_t row = 0; row < rows; ++row) {
        const float* from = x + row * width;
        T* to = normed + row * width;
        float sum = 0;
#pragma omp simd reduction(+ : sum)
        for (std::int64_t i = 0; i < width; ++i) sum += from[i];
        const float mean = sum * scale;
        float squares = 0;
#pragma omp simd reduction(+ : squares)
        for (std::int64_t i = 0; i < width; ++i) squares += (from[i] - mean) * (from[i] - mean);
        const float factor = 1.0f / std::sqrt(squares * scale + small);
        inverse[row] = factor;
#pragma omp simd
        for (std::int64_t i = 0; i < width; ++i) to[i] = narrowed<T>((from[i] - mean) * factor);
    }
}

template <class T>
void normalise_rows_backward(std::int64_t rows, std::int64_t width, const float* d, const T* normed, const float* inverse, float* dx,
                             std::int64_t dx_step, T* copy) {
    const float scale = 1.0f / static_cast<float>(width);
#pragma omp parallel for schedule(static) if (rows * width >= kWorthThreads)
    for (std::int64_t row = 0; row < rows; ++row) {
        const float* from = d + row * width;
        const T* at = normed + row * width;
        float* to = dx + row * dx_step;
        float sum = 0, product = 0;
#pragma omp simd reduction(+ : sum, product)
        for (std::int64_t i = 0; i < width; ++i) {
            sum += from[i];
            product += from[i] * widen(at[i]);
        }
        const float mean = sum * scale, along = product * scale, factor = inverse[row];
#pragma omp simd
        for (std::int64_t i = 0; i < width; ++i) to[i] += factor * (from[i] - mean - widen(at[i]) * along);
        if (copy == nullptr) continue;
        T* out = copy + row * width;
#pragma omp simd
        for (std::int64_t i = 0; i < width; ++i) out[i] = narrowed<T>(to[i]);
    }
}

template <class T>
void activate_with_slope(std::int64_t count, Activation activation, T* u, T* activated) {
    switch (activation) {
        case Activation::quick_gelu: return apply(count, u, activated, QuickGelu{});
        case Activation::gelu: return apply(count, u, activated, Gelu{});
        case Activation::gelu_tanh: return apply(count, u, activated, GeluTanh{});
    }
}

#define CLIPIG_INSTANTIATE(T)                                                                                                             \
    template void normalise_rows<T>(std::int64_t, std::int64_t, double, const float*, T*, float*);                                        \
    template void normalise_rows_backward<T>(std::int64_t, std::int64_t, const float*, const T*, const float*, float*, std::int64_t, T*); \
    template void activate_with_slope<T>(std::int64_t, Activation, T*, T*);
CLIPIG_INSTANTIATE(float)
CLIPIG_INSTANTIATE(Bfloat16)
#undef CLIPIG_INSTANTIATE

}  // namespace clipig
