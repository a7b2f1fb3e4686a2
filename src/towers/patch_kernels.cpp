#include "towers/patch_kernels.h"

#include <cstring>

#include "towers/row_kernels.h"

namespace clipig {
namespace {

/// Where row y of channel c of a cell begins in view n.
std::int64_t place(const PatchGrid& grid, std::int64_t n, std::int64_t c, std::int64_t cell, std::int64_t y) {
    const std::int64_t across = grid.across();
    return ((n * 3 + c) * grid.side + cell / across * grid.patch + y) * grid.side + cell % across * grid.patch;
}

}  // namespace

template <class T>
void cut_patches(const PatchGrid& grid, std::int64_t count, const float* views, T* patches) {
    const std::int64_t p = grid.patch;
#pragma omp parallel for collapse(2) schedule(static)
    for (std::int64_t n = 0; n < count; ++n) {
        for (std::int64_t cell = 0; cell < grid.cells(); ++cell) {
            T* to = patches + (n * grid.cells() + cell) * grid.inputs();
            for (std::int64_t c = 0; c < 3; ++c) {
                for (std::int64_t y = 0; y < p; ++y, to += p) {
                    const float* from = views + place(grid, n, c, cell, y);
                    for (std::int64_t x = 0; x < p; ++x) to[x] = narrowed<T>(from[x]);
                }
            }
        }
    }
}

void paste_patches(const PatchGrid& grid, std::int64_t count, const float* patches, float* views) {
    const std::int64_t p = grid.patch;
    if (grid.across() * p != grid.side) std::memset(views, 0, static_cast<std::size_t>(count * 3 * grid.side * grid.side) * sizeof(float));
#pragma omp parallel for collapse(2) schedule(static)
    for (std::int64_t n = 0; n < count; ++n) {
        for (std::int64_t cell = 0; cell < grid.cells(); ++cell) {
            const float* from = patches + (n * grid.cells() + cell) * grid.inputs();
            for (std::int64_t c = 0; c < 3; ++c) {
                for (std::int64_t y = 0; y < p; ++y, from += p) {
                    std::memcpy(views + place(grid, n, c, cell, y), from, static_cast<std::size_t>(p) * sizeof(float));
                }
            }
        }
    }
}

template void cut_patches<float>(const PatchGrid&, std::int64_t, const float*, float*);
template void cut_patches<Bfloat16>(const PatchGrid&, std::int64_t, const float*, Bfloat16*);

}  // namespace clipig
