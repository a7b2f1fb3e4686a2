#include "towers/small_product.h"

namespace clipig {
namespace {

constexpr std::int64_t kLanes = 16;
typedef float Lanes __attribute__((vector_size(64), aligned(4), may_alias));

/// R rows by C vectors of 16 columns in registers: 6 by 4 fills the 32 of AVX-512.
template <int R, int C>
void tile(std::int64_t inner, const float* a, std::int64_t row, std::int64_t column, const float* b, std::int64_t b_step, float* c,
          std::int64_t c_step, bool add) {
    Lanes sum[R][C];
#pragma GCC unroll 6
    for (int i = 0; i < R; ++i) {
#pragma GCC unroll 4
        for (int j = 0; j < C; ++j) {
            const Lanes old = *reinterpret_cast<const Lanes*>(c + i * c_step + j * kLanes);
            sum[i][j] = add ? old : Lanes{};
        }
    }
    for (std::int64_t k = 0; k < inner; ++k) {
        Lanes right[C];
#pragma GCC unroll 4
        for (int j = 0; j < C; ++j) right[j] = *reinterpret_cast<const Lanes*>(b + k * b_step + j * kLanes);
#pragma GCC unroll 6
        for (int i = 0; i < R; ++i) {
            const float left = a[i * row + k * column];
#pragma GCC unroll 4
            for (int j = 0; j < C; ++j) sum[i][j] += left * right[j];
        }
    }
#pragma GCC unroll 6
    for (int i = 0; i < R; ++i) {
#pragma GCC unroll 4
        for (int j = 0; j < C; ++j) *reinterpret_cast<Lanes*>(c + i * c_step + j * kLanes) = sum[i][j];
    }
}

template <int C>
void stripe(std::int64_t rows, std::int64_t inner, const Strided& a, const float* b, std::int64_t b_step, float* c, std::int64_t c_step,
            bool add) {
    std::int64_t i = 0;
    for (; i + 6 <= rows; i += 6) tile<6, C>(inner, a.data + i * a.row, a.row, a.column, b, b_step, c + i * c_step, c_step, add);
    const float* rest = a.data + i * a.row;
    float* to = c + i * c_step;
    switch (rows - i) {
        case 5: return tile<5, C>(inner, rest, a.row, a.column, b, b_step, to, c_step, add);
        case 4: return tile<4, C>(inner, rest, a.row, a.column, b, b_step, to, c_step, add);
        case 3: return tile<3, C>(inner, rest, a.row, a.column, b, b_step, to, c_step, add);
        case 2: return tile<2, C>(inner, rest, a.row, a.column, b, b_step, to, c_step, add);
        case 1: return tile<1, C>(inner, rest, a.row, a.column, b, b_step, to, c_step, add);
        default: return;
    }
}

}  // namespace

void small_product(std::int64_t rows, std::int64_t columns, std::int64_t inner, const Strided& a, const float* b, std::int64_t b_step,
                   float* c, std::int64_t c_step, bool add) {
    std::int64_t j = 0;
    for (; j + 4 * kLanes <= columns; j += 4 * kLanes) stripe<4>(rows, inner, a, b + j, b_step, c + j, c_step, add);
    switch ((columns - j) / kLanes) {
        case 3: return stripe<3>(rows, inner, a, b + j, b_step, c + j, c_step, add);
        case 2: return stripe<2>(rows, inner, a, b + j, b_step, c + j, c_step, add);
        case 1: return stripe<1>(rows, inner, a, b + j, b_step, c + j, c_step, add);
        default: return;
    }
}

}  // namespace clipig
