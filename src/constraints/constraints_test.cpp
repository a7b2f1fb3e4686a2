// Values worked out by hand, one-sided bounds, and images on which a division or a root could go wrong.
#include <gtest/gtest.h>

#include <ATen/Parallel.h>

#include "base/error.h"
#include "ops/constraint.h"
#include "ops/test_operator.h"

namespace clipig {
namespace {

using test::make_operator;
using test::random_of;
using test::random_picture;

double value(const std::string& yaml, const Tensor& images) {
    return make_operator<Constraint>(yaml)->value(images, random_of(images.size(0))).item<double>();
}

/// Two columns of one colour each.
Tensor two_columns(double left, double right) {
    return at::tensor({left, right}, at::kDouble).view({1, 1, 1, 2}).expand({1, 3, 4, 2}).contiguous();
}

constexpr double kExact = 1e-12;  // double, few operations

TEST(Constraints, MeanIsOneSided) {
    const Tensor image = two_columns(0.2, 0.6);  // mean .4
    EXPECT_NEAR(value("mean: {above: .5}", image), 100 * .01, kExact);
    EXPECT_NEAR(value("mean: {above: .5, loss: L1}", image), 100 * .1, kExact);
    EXPECT_NEAR(value("mean: {above: .5 .4 .1, loss: mae}", image), 100 * .1 / 3, kExact);
    EXPECT_EQ(value("mean: {above: .3}", image), 0);
    EXPECT_EQ(value("mean: {below: .5}", image), 0);
    EXPECT_NEAR(value("mean: {below: .1, above: .5}", image), 100 * (.09 + .01), kExact);
    EXPECT_EQ(value("mean: {}", image), 0);
}

TEST(Constraints, Statistics) {
    const Tensor image = two_columns(0.2, 0.6);
    const double deviation = std::sqrt(8 * .04 / 7);  // eight pixels .2 away from their mean, n - 1
    EXPECT_NEAR(value("std: {above: .5, loss: l1}", image), 100 * (.5 - deviation), 1e-10);
    EXPECT_NEAR(value("contrast: {above: .6, loss: l1}", image), .6 - .4, kExact);
    EXPECT_NEAR(value("contrast: {below: .1, loss: l1}", image), .4 - .1, kExact);
    EXPECT_NEAR(value("saturation: {above: .5, loss: l1}", image), 100 * .5, kExact);  // grey has none
    const Tensor red = at::tensor({.9, .3, .3}, at::kDouble).view({1, 3, 1, 1}).expand({1, 3, 2, 2});
    EXPECT_NEAR(value("saturation: {below: 0, loss: l1}", red), 100 * (.4 + .2 + .2) / 3, kExact);
}

TEST(Constraints, EdgesAndBlur) {
    const Tensor plain = two_columns(0.3, 0.3);
    EXPECT_NEAR(value("blur: {kernel_size: 5}", plain), 0, kExact);
    EXPECT_NEAR(value("edge_mean: {below: 0, kernel_size: 3}", plain), 0, kExact);
    EXPECT_NEAR(value("edge_mean: {above: .1, kernel_size: 3, loss: l1}", plain), 10, kExact);
    // two columns, reflected: each sees its own weight once and twice that of a side, where sigma is .8
    const double side = std::exp(-0.5 / .64) / (1 + 2 * std::exp(-0.5 / .64));
    EXPECT_NEAR(value("blur: {kernel_size: 3, loss: l1}", two_columns(0, 1)), 100 * 2 * side, 1e-10);
}

TEST(Constraints, BorderAndNormalize) {
    const Tensor image = two_columns(0.2, 0.6);
    EXPECT_NEAR(value("border: {size: 1 0, color: .2, loss: l1}", image), 100 * .4 / 2, kExact);
    EXPECT_EQ(value("border: {size: 0}", image), 0);
    EXPECT_NEAR(value("normalize: {}", image), 10 * (.04 + .16) / 2, kExact);
    EXPECT_NEAR(value("normalize: {min: .2, max: .6}", image), 0, kExact);
}

TEST(Constraints, NoiseMeasuresItsOwnVariance) {
    // 3 x 96 x 96 squares of normal numbers: relative deviation sqrt(2 / 27648) = .85 %
    EXPECT_NEAR(value("noise: .1", random_picture(96, 96)), 100 * .01, .045);
}

TEST(Constraints, OneValueForEachView) {
    const Tensor both = at::cat({two_columns(0.2, 0.6), two_columns(0, 1)});
    for (const char* yaml : {"mean: {above: .9}", "std: {above: .9}", "contrast: {above: .9}", "saturation: {above: .5}",
                             "edge_mean: {above: .9}", "blur: {kernel_size: 3}", "border: {size: 1}", "normalize: {min: .1}"}) {
        const Tensor values = make_operator<Constraint>(yaml)->value(both, random_of(2));
        ASSERT_EQ(values.sizes(), at::IntArrayRef({2})) << yaml;
        EXPECT_EQ(values[1].item<double>(), value(yaml, two_columns(0, 1))) << yaml;
    }
}

const char* const kAll[] = {"mean: {above: .9, below: .1}",
                            "std: {above: .9}",
                            "std: {below: 0}",
                            "contrast: {above: .9}",
                            "saturation: {above: .5}",
                            "edge_mean: {above: .9}",
                            "blur: {kernel_size: 3}",
                            "border: {size: 1}",
                            "normalize: {min: .1}",
                            "noise: .1",
                            "mean: {}"};

TEST(Constraints, FiniteOnPlainAndSmallImages) {
    for (const char* yaml : kAll) {
        for (const auto& size : {std::array<std::int64_t, 2>{1, 1}, {1, 5}, {8, 8}}) {
            Tensor plain = at::full({1, 3, size[0], size[1]}, 0.25).requires_grad_(true);
            const Tensor found = make_operator<Constraint>(yaml)->value(plain, random_of());
            EXPECT_TRUE(at::isfinite(found).all().item<bool>()) << yaml;
            EXPECT_TRUE(at::isfinite(test::gradient(found.sum(), plain)).all().item<bool>()) << yaml;
        }
    }
}

TEST(Constraints, SameBytesForAnyNumberOfThreads) {
    const int before = at::get_num_threads();
    for (const char* yaml : kAll) {
        std::vector<Tensor> results[2];
        for (const int threads : {1, 3}) {
            at::set_num_threads(threads);
            Tensor image = random_picture(211, 173).requires_grad_(true);
            const Tensor found = make_operator<Constraint>(yaml)->value(image, random_of());
            results[threads == 3] = {found.detach(), test::gradient(found.sum(), image)};
        }
        EXPECT_TRUE(at::equal(results[0][0], results[1][0])) << yaml;
        EXPECT_TRUE(at::equal(results[0][1], results[1][1])) << yaml << " gradient";
    }
    at::set_num_threads(before);
}

}  // namespace
}  // namespace clipig
