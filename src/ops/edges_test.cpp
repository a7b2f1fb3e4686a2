#include "ops/edges.h"

#include <gtest/gtest.h>

namespace clipig {
namespace {

TEST(Reflected, FoldsAsOftenAsNeeded) {
    const std::vector<std::int64_t> expected{0, 1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0};  // of -6..6 in a line of four
    for (std::int64_t i = -6; i <= 6; ++i) EXPECT_EQ(reflected(i, 4), expected[static_cast<std::size_t>(i + 6)]) << i;
    EXPECT_EQ(reflected(-5, 1), 0);
    EXPECT_EQ(reflected(7, 2), 1);
}

TEST(Wrapped, BeginsAnew) {
    for (std::int64_t i = -9; i <= 9; ++i) EXPECT_EQ(wrapped(i, 3), (i + 9) % 3) << i;
}

TEST(Extended, ShowsWhatLiesBeyondTheEnds) {
    const Tensor images = at::arange(6, at::kDouble).view({1, 1, 2, 3});
    EXPECT_TRUE(at::equal(extended(images, 3, -2, 4, wrapped), images.index_select(3, at::tensor({1, 2, 0, 1, 2, 0}))));
    EXPECT_TRUE(at::equal(extended(images, 2, -1, 4, reflected), images.index_select(2, at::tensor({1, 0, 1, 0, 1}))));
    EXPECT_TRUE(at::equal(extended(images, 3, 1, 2, wrapped), images.narrow(3, 1, 1)));
}

}  // namespace
}  // namespace clipig
