// What the transforms of colours do, against truths that need no other program.
#include <gtest/gtest.h>

#include <ATen/Parallel.h>

#include "base/error.h"
#include "ops/colour.h"
#include "ops/test_operator.h"

namespace clipig {
namespace {

using test::largest;
using test::random_of;
using test::random_picture;

Tensor apply(const std::string& yaml, const Tensor& images, const ViewRandom& random = random_of()) {
    return test::make_operator<Transform>(yaml)->apply(images, random);
}

constexpr double kFloat = 1e-6;  // a few roundings of numbers around 1

TEST(Colour, AddAndMulWorkPerChannel) {
    const Tensor image = random_picture(4, 5);
    const Tensor added = apply("add: .1 .2 -.3", image) - image;
    EXPECT_LT(largest(added.select(1, 2) + 0.3), kFloat);
    EXPECT_LT(largest(added.select(1, 0) - 0.1), kFloat);
    EXPECT_LT(largest(apply("mul: [2, .5, 1]", image).select(1, 1) - image.select(1, 1) / 2), kFloat);
}

TEST(Colour, MeanBecomesWhatIsAskedFor) {
    const Tensor mean = plane_mean(apply("mean: .2 .5 .9", random_picture(7, 9, 2)));
    EXPECT_LT(largest(mean - per_channel({.2, .5, .9}, mean)), kFloat);
}

TEST(Colour, ClampLimitsAndRefusesASwappedRange) {
    const Tensor image = apply("clamp: .2 .7", random_picture(8, 8));
    EXPECT_NEAR(image.min().item<double>(), .2, kFloat);
    EXPECT_NEAR(image.max().item<double>(), .7, kFloat);
    EXPECT_THROW((void)apply("clamp: .7 .2", image), InputError);
}

TEST(Colour, QuantizeRoundsDown) {
    const Tensor image = at::full({1, 3, 1, 1}, 0.69);
    const Tensor result = apply("quantize: .25 .5 .7", image).flatten();
    EXPECT_NEAR(result[0].item<double>(), .5, kFloat);
    EXPECT_NEAR(result[1].item<double>(), .5, kFloat);
    EXPECT_NEAR(result[2].item<double>(), 0, kFloat);
    EXPECT_THROW((void)apply("quantize: 0", image), ConfigError);
}

TEST(Colour, BorderPaintsTheEdgeOnly) {
    const Tensor image = at::zeros({1, 3, 8, 10});
    const Tensor painted = apply("border: {size: 2 1, color: 1 0 0}", image);
    EXPECT_EQ(painted.select(1, 0).sum().item<double>(), 8 * 10 - 6 * 6);  // 6 x 6 stay
    EXPECT_EQ(painted.select(1, 1).sum().item<double>(), 0);
    EXPECT_EQ(apply("border: {size: 0, color: 1}", image).sum().item<double>(), 0);
    EXPECT_EQ(apply("border: {size: 1 99, color: 1}", image).sum().item<double>(), 3 * 80);
}

TEST(Colour, ContrastAndSaturationBlendWithGrey) {
    const Tensor image = random_picture(6, 5, 2);
    const Tensor plain = apply("contrast: 0", image);
    EXPECT_LT(largest(plain - plane_mean(grey(image))), kFloat);
    const Tensor colourless = apply("saturation: 0", image);
    EXPECT_LT(largest(colourless - grey(image)), kFloat);
    for (const char* same : {"contrast: 1", "saturation: 1", "contrast", "saturation"}) {
        EXPECT_LT(largest(apply(same, image) - image), kFloat) << same;
    }
    EXPECT_EQ(apply("contrast: 50", image).max().item<double>(), 1);
}

TEST(Colour, NoiseHasTheRightDeviation) {
    const Tensor image = at::full({1, 3, 128, 128}, 0.5);
    const auto deviation = [&](const std::string& yaml, std::int64_t channel) {
        return (apply(yaml, image) - image).select(1, channel).std().item<double>();
    };
    // 16384 numbers: the deviation of their deviation is 0.55 %, so 3 % are more than five of them
    EXPECT_NEAR(deviation("noise: .1 .2 .4", 0), .1, .003);
    EXPECT_NEAR(deviation("noise: .1 .2 .4", 2), .4, .012);
    EXPECT_NEAR(deviation("bwnoise: .2", 1), .2, .006);
    EXPECT_NEAR(deviation("rnoise: {std: .3, resolution: 128}", 1), .3, .009);
    // the inverse transform of n coefficients of deviation 15 s: 15 s sqrt(2 / n)
    EXPECT_NEAR(deviation("fnoise: .1", 0), 1.5 * std::sqrt(2.0 / 16384), .0005);
}

TEST(Colour, NoiseOfAnotherResolution) {
    const Tensor image = random_picture(6, 9);
    const Tensor noise = apply("rnoise: {std: 1, resolution: 1}", image) - image;
    EXPECT_LT(largest(noise - noise.narrow(2, 0, 1).narrow(3, 0, 1)), 1e-5);
    const Tensor wide = apply("rnoise: {std: 1, resolution: 9 1}", image) - image;  // one row, nine columns
    EXPECT_LT(largest(wide - wide.narrow(2, 0, 1)), 1e-5);
    EXPECT_GT(largest(wide - wide.narrow(3, 0, 1)), 0.1);
}

TEST(Colour, GreyNoiseIsTheSameInAllChannels) {
    const Tensor image = at::zeros({1, 3, 5, 5});
    const Tensor noise = apply("bwnoise: 1", image);
    EXPECT_EQ(largest(noise.select(1, 0) - noise.select(1, 2)), 0);
    EXPECT_GT(largest(noise), 0.1);
}

TEST(Colour, EachViewHasItsOwnNoiseWhateverTheBatch) {
    const Tensor image = random_picture(5, 6);
    for (const char* yaml : {"noise: .1", "bwnoise: .1", "fnoise: .1", "rnoise: {std: .1, resolution: 3}"}) {
        const Tensor three = apply(yaml, image, random_of(3));
        ASSERT_EQ(three.size(0), 3) << yaml;
        EXPECT_GT(largest(three.select(0, 0) - three.select(0, 1)), 0.001) << yaml;
        const Tensor third = apply(yaml, image, random_of(1, 2));
        EXPECT_TRUE(at::equal(third.select(0, 0), three.select(0, 2))) << yaml;
    }
}

/// Value and gradient of a transform, with so many threads.
std::pair<Tensor, Tensor> with_threads(int threads, const std::string& yaml, std::int64_t views) {
    at::set_num_threads(threads);
    Tensor image = random_picture(211, 173).requires_grad_(true);  // odd sizes: vector loops have remainders
    const Tensor out = apply(yaml, image, random_of(views));
    const Tensor weights = random_picture(211, 173, out.size(0), at::kFloat, 5);
    out.backward(weights);
    return {out.detach(), image.grad()};
}

TEST(Colour, SameBytesForAnyNumberOfThreads) {
    const int before = at::get_num_threads();
    for (const char* yaml :
         {"add: .1", "mul: .3", "mean: .5", "contrast: .7", "saturation: .7", "blur: 9", "edge: 5", "noise: .1", "bwnoise: .1",
          "fnoise: .1", "rnoise: {std: .1, resolution: 16}", "quantize: .1", "clamp: .2 .8", "border: {size: 3}"}) {
        const auto one = with_threads(1, yaml, 7);
        for (const int threads : {2, 3}) {
            const auto more = with_threads(threads, yaml, 7);
            EXPECT_TRUE(at::equal(one.first, more.first)) << yaml << " value, threads: " << threads;
            EXPECT_TRUE(at::equal(one.second, more.second)) << yaml << " gradient, threads: " << threads;
        }
    }
    at::set_num_threads(before);
}

}  // namespace
}  // namespace clipig
