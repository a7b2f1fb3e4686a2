#include "towers/picture_kernels.h"

#include "towers/row_kernels.h"

namespace clipig {

template <class T>
void average_pool(const PictureShape& x, const T* input, T* output) {
    const PictureShape y = x.halved();
    const std::int64_t step = x.width * x.channels;
#pragma omp parallel for collapse(2) schedule(static) if (x.elements() >= kWorthThreads)
    for (std::int64_t n = 0; n < y.count; ++n) {
        for (std::int64_t row = 0; row < y.height; ++row) {
            for (std::int64_t column = 0; column < y.width; ++column) {
                const T* from = input + ((n * x.height + 2 * row) * x.width + 2 * column) * x.channels;
                T* to = output + ((n * y.height + row) * y.width + column) * x.channels;
#pragma omp simd
                for (std::int64_t c = 0; c < x.channels; ++c) {
                    const float upper = widen(from[c]) + widen(from[x.channels + c]),
                                lower = widen(from[step + c]) + widen(from[step + x.channels + c]);
                    to[c] = narrowed<T>(0.25f * (upper + lower));
                }
            }
        }
    }
}

template <class T>
void average_pool_backward(const PictureShape& x, const T* d_output, const T* positive, T* d_input) {
    const PictureShape y = x.halved();
#pragma omp parallel for collapse(2) schedule(static) if (x.elements() >= kWorthThreads)
    for (std::int64_t n = 0; n < x.count; ++n) {
        for (std::int64_t row = 0; row < x.height; ++row) {
            for (std::int64_t column = 0; column < x.width; ++column) {
                const std::int64_t at = ((n * x.height + row) * x.width + column) * x.channels;
                const bool inside = row / 2 < y.height && column / 2 < y.width;
                const T* from = d_output + (inside ? ((n * y.height + row / 2) * y.width + column / 2) * x.channels : 0);
                const float share = inside ? 0.25f : 0.0f;
                T* to = d_input + at;
                if (positive == nullptr) {
#pragma omp simd
                    for (std::int64_t c = 0; c < x.channels; ++c) to[c] = narrowed<T>(share * widen(from[c]));
                } else {
#pragma omp simd
                    for (std::int64_t c = 0; c < x.channels; ++c)
                        to[c] = narrowed<T>(widen(positive[at + c]) > 0 ? share * widen(from[c]) : 0.0f);
                }
            }
        }
    }
}

template <class T>
void rectifier_backward(std::int64_t count, const T* y, T* d) {
#pragma omp parallel for simd schedule(static) if (parallel : count >= kWorthThreads)
    for (std::int64_t i = 0; i < count; ++i) d[i] = narrowed<T>(widen(y[i]) > 0 ? widen(d[i]) : 0.0f);
}

template <class T>
void cut_neighbourhoods(std::int64_t count, std::int64_t side, const float* views, T* rows) {
    const std::int64_t half = side / 2;
#pragma omp parallel for collapse(2) schedule(static)
    for (std::int64_t n = 0; n < count; ++n) {
        for (std::int64_t y = 0; y < half; ++y) {
            T* to = rows + (n * half + y) * half * 27;
            for (std::int64_t x = 0; x < half; ++x, to += 27) {
                for (std::int64_t i = 0; i < 27; ++i) {
                    const std::int64_t c = i / 9, v = 2 * y + i / 3 % 3 - 1, u = 2 * x + i % 3 - 1;
                    const bool inside = v >= 0 && v < side && u >= 0 && u < side;
                    to[i] = narrowed<T>(inside ? views[((n * 3 + c) * side + v) * side + u] : 0.0f);
                }
            }
        }
    }
}

template <class T>
void paste_neighbourhoods(std::int64_t count, std::int64_t side, const T* rows, float* views) {
    const std::int64_t half = side / 2;
#pragma omp parallel for collapse(2) schedule(static)
    for (std::int64_t n = 0; n < count; ++n) {
        for (std::int64_t v = 0; v < side; ++v) {
            for (std::int64_t u = 0; u < side; ++u) {
                float sum[3] = {0, 0, 0};
                // output (y, x) reads pixel (2 y + j - 1, 2 x + i - 1)
                for (std::int64_t j = (v + 1) % 2; j < 3; j += 2) {
                    const std::int64_t y = (v + 1 - j) / 2;
                    if (v + 1 - j < 0 || y >= half) continue;
                    for (std::int64_t i = (u + 1) % 2; i < 3; i += 2) {
                        const std::int64_t x = (u + 1 - i) / 2;
                        if (u + 1 - i < 0 || x >= half) continue;
                        const T* from = rows + ((n * half + y) * half + x) * 27 + j * 3 + i;
                        for (std::int64_t c = 0; c < 3; ++c) sum[c] += widen(from[9 * c]);
                    }
                }
                for (std::int64_t c = 0; c < 3; ++c) views[((n * 3 + c) * side + v) * side + u] = sum[c];
            }
        }
    }
}

#define CLIPIG_INSTANTIATE(T)                                                            \
    template void average_pool<T>(const PictureShape&, const T*, T*);                    \
    template void average_pool_backward<T>(const PictureShape&, const T*, const T*, T*); \
    template void rectifier_backward<T>(std::int64_t, const T*, T*);                     \
    template void cut_neighbourhoods<T>(std::int64_t, std::int64_t, const float*, T*);   \
    template void paste_neighbourhoods<T>(std::int64_t, std::int64_t, const T*, float*);
CLIPIG_INSTANTIATE(float)
CLIPIG_INSTANTIATE(Bfloat16)
#undef CLIPIG_INSTANTIATE

}  // namespace clipig
