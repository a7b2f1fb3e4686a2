// Products of matrices that fit into the cache of one core. No torch here.
#pragma once

#include <cstdint>

namespace clipig {

/// A matrix whose element (i, j) is data[i * row + j * column].
struct Strided {
    const float* data = nullptr;
    std::int64_t row = 0, column = 1;
};

/// c [rows,columns] = a [rows,inner] b [inner,columns], or c += with `add`. b and c are row-major with steps `b_step`, `c_step`;
/// `columns` is a multiple of 16. Sums run over `inner` in order.
void small_product(std::int64_t rows, std::int64_t columns, std::int64_t inner, const Strided& a, const float* b, std::int64_t b_step,
                   float* c, std::int64_t c_step, bool add);

}  // namespace clipig
