#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "ops/blur_kernel.h"
#include "ops/test_operator.h"

namespace clipig {
namespace {

using test::largest;
using test::random_picture;

TEST(GaussianKernel, FollowsTheFormula) {
    const auto kernel = gaussian_kernel(3, std::nullopt);  // sigma = .3 ((3-1)/2 - 1) + .8 = .8
    const double side = std::exp(-0.5 / (0.8 * 0.8));
    ASSERT_EQ(kernel.size(), 3u);
    EXPECT_NEAR(kernel[0], side / (1 + 2 * side), 1e-15);
    EXPECT_NEAR(kernel[1], 1 / (1 + 2 * side), 1e-15);
    EXPECT_EQ(gaussian_kernel(4, 1.0), gaussian_kernel(5, 1.0));
    EXPECT_EQ(gaussian_kernel(0, std::nullopt), std::vector<double>{1});
    EXPECT_EQ(gaussian_kernel(5, 0.0), (std::vector<double>{0, 0, 1, 0, 0}));  // the floor of sigma: no division by 0
    const auto wide = gaussian_kernel(31, 7.0);
    EXPECT_NEAR(std::accumulate(wide.begin(), wide.end(), 0.0), 1, 1e-14);
}

TEST(GaussianBlur, KeepsAPlainImage) {
    for (const auto type : {at::kFloat, at::kDouble}) {
        const Tensor plain = at::full({2, 3, 9, 4}, 0.3, type);
        for (const std::int64_t size : {1, 2, 3, 9, 31}) {
            EXPECT_LT(largest(gaussian_blur(plain, {{size, size}, std::nullopt, size % 2 == 0}) - plain), 1e-6) << size;  // a few roundings
        }
    }
}

TEST(GaussianBlur, SpreadsAPointAsTheProductOfTwoKernels) {
    Tensor point = at::zeros({1, 3, 11, 11}, at::kDouble);
    point.narrow(2, 5, 1).narrow(3, 5, 1).fill_(1);
    const Tensor blurred = gaussian_blur(point, {{5, 3}, Real2{1.5, 0.6}, false});
    const Tensor across = at::tensor(gaussian_kernel(5, 1.5), at::kDouble);
    const Tensor down = at::tensor(gaussian_kernel(3, 0.6), at::kDouble);
    EXPECT_LT(largest(blurred[0][0].narrow(0, 4, 3).narrow(1, 3, 5) - at::outer(down, across)), 1e-15);
    EXPECT_NEAR(blurred.sum().item<double>(), 3, 1e-14);
}

TEST(GaussianBlur, EqualsPaddingAndConvolution) {
    const Tensor image = random_picture(13, 17, 2, at::kDouble);
    const auto line = [](std::int64_t size, double sigma) { return at::tensor(gaussian_kernel(size, sigma), at::kDouble); };
    const Tensor kernel = at::outer(line(7, 1.1), line(9, 2.0));
    const Tensor padded = at::reflection_pad2d(image.view({6, 1, 13, 17}), {4, 4, 3, 3});
    const Tensor expected = at::conv2d(padded, kernel.view({1, 1, 7, 9})).view_as(image);
    EXPECT_LT(largest(gaussian_blur(image, {{9, 7}, Real2{2.0, 1.1}, false}) - expected), 1e-14);
}

TEST(GaussianBlur, AWrappedOneHasNoEdge) {
    const Tensor image = random_picture(7, 10, 2, at::kDouble);
    for (const std::int64_t size : {3, 9, 31}) {  // the last goes round several times
        const BlurSettings settings{{size, size}, std::nullopt, true};
        const Tensor rolled = gaussian_blur(image.roll({2, -3}, {2, 3}), settings).roll({-2, 3}, {2, 3});
        EXPECT_LT(largest(rolled - gaussian_blur(image, settings)), 1e-14) << size;
    }
    const Tensor many = image.repeat({1, 1, 3, 3});
    const Tensor middle = gaussian_blur(many, {{9, 5}, Real2{2.0, 1.1}, false}).narrow(2, 7, 7).narrow(3, 10, 10);
    EXPECT_LT(largest(gaussian_blur(image, {{9, 5}, Real2{2.0, 1.1}, true}) - middle), 1e-14);
}

TEST(GaussianBlur, TheGradientIsTheTransposedBlur) {
    const std::vector<std::array<std::int64_t, 4>> cases{{13, 8, 5, 3}, {1, 1, 5, 5}, {2, 7, 31, 31}, {6, 1, 1, 9}};
    for (std::size_t i = 0; i < 2 * cases.size(); ++i) {
        const auto& [height, width, across, down] = cases[i / 2];
        Tensor x = random_picture(height, width, 2, at::kDouble).requires_grad_(true);
        const Tensor y = random_picture(height, width, 2, at::kDouble, 9);
        const Tensor blurred = gaussian_blur(x, {{across, down}, std::nullopt, i % 2 == 1});
        blurred.backward(y);
        const double forward = (blurred * y).sum().item<double>();
        EXPECT_NEAR((x * x.grad()).sum().item<double>(), forward, 1e-12 * forward) << height << 'x' << width;  // <Bx, y> = <x, B'y>
        EXPECT_NEAR(x.grad().sum().item<double>(), y.sum().item<double>(), 1e-11);                             // rows of B add to 1
    }
}

}  // namespace
}  // namespace clipig
