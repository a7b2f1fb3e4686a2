// Views cut into patches for the first layer of a ViT, and back, on all threads. No torch here.
#pragma once

#include <cstdint>

namespace clipig {

/// Square views of `side` pixels in square patches; what is left of an incomplete patch at the right and at the bottom is not looked at.
struct PatchGrid {
    std::int64_t side = 0, patch = 0;
    [[nodiscard]] std::int64_t across() const { return side / patch; }
    [[nodiscard]] std::int64_t cells() const { return across() * across(); }
    [[nodiscard]] std::int64_t inputs() const { return 3 * patch * patch; }  ///< numbers in a patch
};

/// views [N,3,S,S] -> rows of one patch each, [N * cells, inputs], in the order of the convolution's weights.
template <class T>
void cut_patches(const PatchGrid& grid, std::int64_t count, const float* views, T* patches);

/// The gradient of cut_patches: rows [N * cells, inputs] -> views [N,3,S,S], overwritten; zero where no patch is.
void paste_patches(const PatchGrid& grid, std::int64_t count, const float* patches, float* views);

}  // namespace clipig
