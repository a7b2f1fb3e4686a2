#include "ops/sampler.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "ops/resample.h"

namespace clipig {
namespace {

/// Uniform numbers in [0, 1), double.
Tensor noise(std::vector<std::int64_t> shape, std::uint64_t seed = 7) {
    Tensor result = at::empty(shape, at::kDouble);
    Random random({seed});
    for (std::int64_t i = 0; i < result.numel(); ++i) result.data_ptr<double>()[i] = random.uniform();
    return result;
}

double largest_difference(const Tensor& a, const Tensor& b) {
    EXPECT_EQ(a.sizes(), b.sizes());
    return (a - b).abs().max().item<double>();
}

Tensor gradient_of(const Tensor& images, const ViewGeometry& geometry, const Tensor& cotangent) {
    return detail::sample_backward_cpu(cotangent, geometry, images.size(0));
}

/// A chain of every kind of stage, different for each of three views; the turn makes it inseparable.
ViewGeometry mixed_chain(std::int64_t width, std::int64_t height, bool turned) {
    ViewGeometry geometry(width, height);
    geometry.translate("shift", {{3, -5}, {-2, 0}, {7, 9}}, width, height, Outside::wrap);
    geometry.translate("pad", {{-4, -3}}, width + 8, height + 6, Outside::fill, {.2, .4, .6});
    const double cx = static_cast<double>(geometry.width()) / 2, cy = static_cast<double>(geometry.height()) / 3;
    geometry.transform("scale", {zoom(.4, cx, cy), zoom(1.7, cx, cy), zoom(.8, cx, cy)}, geometry.width(), geometry.height(), Outside::fill,
                       Interpolation::linear);
    if (turned) {
        geometry.transform("rotate", {rotation(33, cx, cy), rotation(-120, cx, cy), rotation(90, cx, cy)}, geometry.width(),
                           geometry.height(), Outside::fill, Interpolation::linear);
    }
    geometry.translate("crop", {{1, 2}, {5, 3}, {0, 4}}, 20, 17, Outside::fill);
    geometry.translate("repeat", {{0, 0}}, 30, 20, Outside::wrap);
    geometry.translate("pad", {{-2, -1}}, 34, 22, Outside::edge);
    return geometry;
}

TEST(Sampler, ResizesAsTorchDoes) {
    const Tensor images = noise({2, 3, 32, 40});
    for (const auto& [height, width] : {std::pair{16, 16}, {24, 40}, {70, 13}, {50, 90}, {1, 1}}) {
        // sums of the same products in another order: 1e-13 of values up to 1
        EXPECT_LT(largest_difference(resize_images(images, height, width, "linear", true),
                                     at::_upsample_bilinear2d_aa(images, {height, width}, false, c10::nullopt, c10::nullopt)),
                  1e-13);
        EXPECT_LT(largest_difference(resize_images(images, height, width, "cubic", true),
                                     at::_upsample_bicubic2d_aa(images, {height, width}, false, c10::nullopt, c10::nullopt)),
                  1e-13);
        EXPECT_LT(largest_difference(resize_images(images, height, width, "linear", false),
                                     at::upsample_bilinear2d(images, {height, width}, false)),
                  1e-13);
        EXPECT_TRUE(resize_images(images, height, width, "nearest", true)
                        .equal(at::_upsample_nearest_exact2d(images, {height, width}, c10::nullopt, c10::nullopt)));
    }
    EXPECT_THROW((void)resize_images(images, 0, 4, "linear", true), InputError);
    EXPECT_THROW((void)resize_images(images, 4, 4, "lanczos", true), InputError);
}

TEST(Sampler, TurnsAsGridSampleDoes) {
    const std::int64_t height = 31, width = 44;
    const Tensor images = noise({1, 3, height, width});
    ViewGeometry geometry(width, height);
    const auto map = rotation(25, 20, 11);
    geometry.transform("rotate", {map}, width, height, Outside::fill, Interpolation::linear);
    Tensor grid = at::empty({1, height, width, 2}, at::kDouble);
    for (std::int64_t y = 0; y < height; ++y) {
        for (std::int64_t x = 0; x < width; ++x) {
            const double ox = static_cast<double>(x) + .5, oy = static_cast<double>(y) + .5;
            grid[0][y][x][0] = (map.xx * ox + map.xy * oy + map.x0) / static_cast<double>(width) * 2 - 1;
            grid[0][y][x][1] = (map.yx * ox + map.yy * oy + map.y0) / static_cast<double>(height) * 2 - 1;
        }
    }
    // positions go through [-1, 1] and back: a few units in the last place of 44
    EXPECT_LT(largest_difference(sample_views(images, geometry), at::grid_sampler(images, grid, 0, 0, false)), 1e-12);
}

TEST(Sampler, OneFractionalStageEqualsStageByStage) {
    const Tensor images = noise({1, 3, 30, 26});
    for (const bool turned : {false, true}) {
        const auto run = [&](int only) {
            // stages 0..5, or one of them on its own input size
            static const std::int64_t sizes[][2] = {{26, 30}, {26, 30}, {34, 36}, {34, 36}, {20, 17}, {30, 20}, {34, 22}};
            ViewGeometry geometry(only < 0 ? 26 : sizes[only][0], only < 0 ? 30 : sizes[only][1]);
            const auto wanted = [&](int stage) { return only < 0 || only == stage; };
            if (wanted(0)) geometry.translate("shift", {{3, -5}}, 26, 30, Outside::wrap);
            if (wanted(1)) geometry.translate("pad", {{-4, -3}}, 34, 36, Outside::fill, {.2, .4, .6});
            if (wanted(2)) {
                const auto map = turned ? rotation(33, 17, 12) : zoom(.7, 17, 12);
                geometry.transform("turn", {map}, 34, 36, Outside::fill, Interpolation::cubic);
            }
            if (wanted(3)) geometry.translate("crop", {{-3, 4}}, 20, 17, Outside::fill, {1, .5, .25});
            if (wanted(4)) geometry.translate("repeat", {{0, 0}}, 30, 20, Outside::wrap);
            if (wanted(5)) geometry.translate("pad", {{-2, -1}}, 34, 22, Outside::edge);
            return geometry;
        };
        Tensor expected = images;
        for (int stage = 0; stage < 6; ++stage) expected = sample_views(expected, run(stage));
        EXPECT_LT(largest_difference(sample_views(images, run(-1)), expected), 1e-13);  // order of sums
    }
}

TEST(Sampler, WholePixelStagesCopy) {
    const Tensor images = noise({1, 3, 9, 7});
    ViewGeometry geometry(7, 9);
    geometry.translate("shift", {{-2, 3}}, 7, 9, Outside::wrap);
    geometry.translate("repeat", {{0, 0}}, 14, 9, Outside::wrap);
    EXPECT_TRUE(sample_views(images, geometry).equal(at::roll(images, {-3, 2}, {2, 3}).repeat({1, 1, 1, 2})));
    ViewGeometry quarter(9, 9);
    quarter.transform("rotate", {rotation(90, 4.5, 4.5)}, 9, 9, Outside::fill, Interpolation::linear);
    const Tensor square = noise({1, 3, 9, 9});
    EXPECT_TRUE(sample_views(square, quarter).equal(at::rot90(square, 1, {2, 3})));
}

TEST(Sampler, InnerBordersAreKeptWhenTurnsAreComposed) {
    // all white, turned by 45 and back: the corners that left the picture in between are black, the middle is white again
    ViewGeometry geometry(40, 40);
    geometry.transform("rotate", {rotation(45, 20, 20)}, 40, 40, Outside::fill, Interpolation::linear);
    geometry.transform("rotate", {rotation(-45, 20, 20)}, 40, 40, Outside::fill, Interpolation::linear);
    const Tensor out = sample_views(at::ones({1, 3, 40, 40}, at::kDouble), geometry);
    EXPECT_EQ(out[0][0][0][0].item<double>(), 0);
    EXPECT_EQ(out[0][0][39][39].item<double>(), 0);
    EXPECT_NEAR(out[0][0][20][20].item<double>(), 1, 1e-12);
    // a border in between is soft: half a pixel out is half as bright, as linear interpolation makes it
    ViewGeometry moved(8, 8);
    moved.transform("translate", {{1, 0, -.5, 0, 1, 0}}, 8, 8, Outside::fill, Interpolation::linear);
    moved.transform("translate", {{1, 0, 1.5, 0, 1, 0}}, 8, 8, Outside::fill, Interpolation::linear);
    const Tensor row = sample_views(at::ones({1, 3, 8, 8}, at::kDouble), moved)[0][0][4];
    EXPECT_EQ(row[0].item<double>(), 1);
    EXPECT_EQ(row[6].item<double>(), .5);
    EXPECT_EQ(row[7].item<double>(), 0);
}

TEST(Sampler, ShrinkingAveragesAndKeepsTheMean) {
    // a checkerboard shrunk to a quarter is grey: every footprint covers as many white as black pixels
    Tensor board = at::arange(64, at::kDouble).view({64, 1}) + at::arange(64, at::kDouble);
    board = at::remainder(board, 2).expand({1, 3, 64, 64}).contiguous();
    for (const double turn : {0.0, 30.0}) {
        ViewGeometry geometry(64, 64);
        geometry.transform("scale", {zoom(.25, 32, 32)}, 64, 64, Outside::fill, Interpolation::linear);
        geometry.transform("rotate", {rotation(turn, 32, 32)}, 64, 64, Outside::fill, Interpolation::linear);
        const Tensor middle = sample_views(board, geometry).narrow(2, 29, 6).narrow(3, 29, 6);
        EXPECT_NEAR(middle.mean().item<double>(), .5, 2e-3);
        EXPECT_LT((middle - .5).abs().max().item<double>(), .01);  // without antialiasing it would be up to .5
    }
}

TEST(Sampler, BackwardIsTheTransposeOfTheForward) {
    for (const bool turned : {false, true}) {
        const auto geometry = mixed_chain(25, 31, turned);
        for (const std::int64_t canvases : {1, 3}) {
            const Tensor a = noise({canvases, 3, 31, 25}, 1), b = noise({canvases, 3, 31, 25}, 2);
            const Tensor out = sample_views(a, geometry);
            ASSERT_EQ(out.size(0), 3);
            const Tensor cotangent = noise(out.sizes().vec(), 3);
            const double forward = ((out - sample_views(b, geometry)) * cotangent).sum().item<double>();  // borders cancel
            const double backward = ((a - b) * gradient_of(a, geometry, cotangent)).sum().item<double>();
            EXPECT_NEAR(forward, backward, 1e-10);  // some 7000 products up to 1
        }
    }
}

TEST(Sampler, AutogradReachesTheCanvas) {
    const auto geometry = mixed_chain(25, 31, true);
    Tensor canvas = noise({1, 3, 31, 25}).requires_grad_(true);
    const Tensor out = sample_views(canvas, geometry);
    const Tensor cotangent = noise(out.sizes().vec(), 3);
    out.backward(cotangent);
    EXPECT_TRUE(canvas.grad().equal(gradient_of(canvas, geometry, cotangent)));
}

TEST(Sampler, DevicePathAgreesWithTheFastOne) {
    for (const bool turned : {false, true}) {
        const auto geometry = mixed_chain(25, 31, turned);
        for (const std::int64_t canvases : {1, 3}) {
            const Tensor images = noise({canvases, 3, 31, 25});
            const Tensor out = detail::sample_forward_cpu(images, geometry);
            EXPECT_LT(largest_difference(out, detail::sample_forward_device(images, geometry)), 1e-13);
            const Tensor cotangent = noise(out.sizes().vec(), 3);
            EXPECT_LT(largest_difference(detail::sample_backward_cpu(cotangent, geometry, canvases),
                                         detail::sample_backward_device(cotangent, geometry, canvases)),
                      1e-12);
        }
    }
}

TEST(Sampler, SameBytesForAnyNumberOfThreads) {
    const int before = at::get_num_threads();
    for (const bool turned : {false, true}) {
        const auto geometry = mixed_chain(125, 131, turned);
        const Tensor images = noise({1, 3, 131, 125}).to(at::kFloat);
        std::vector<Tensor> forward, backward;
        for (const int threads : {1, 2, 3}) {
            at::set_num_threads(threads);
            forward.push_back(detail::sample_forward_cpu(images, geometry));
            backward.push_back(detail::sample_backward_cpu(noise(forward[0].sizes().vec()).to(at::kFloat), geometry, 1));
            EXPECT_TRUE(forward[0].equal(forward.back()));
            EXPECT_TRUE(backward[0].equal(backward.back()));
        }
    }
    at::set_num_threads(before);
}

TEST(Sampler, ViewsDoNotDependOnTheirBatch) {
    ViewGeometry both(40, 40), second(40, 40);
    const auto one = rotation(10, 20, 20), two = rotation(77, 3, 9);
    both.transform("rotate", {one, two}, 40, 40, Outside::fill, Interpolation::linear);
    second.transform("rotate", {two}, 40, 40, Outside::fill, Interpolation::linear);
    const Tensor images = noise({1, 3, 40, 40});
    EXPECT_TRUE(sample_views(images, both)[1].equal(sample_views(images, second)[0]));
}

TEST(Sampler, AMirroredBorderIsATilingOfFlips) {
    const auto tiled = [](const Tensor& x) {
        const Tensor row = at::cat({x.flip({3}), x, x.flip({3})}, 3);
        return at::cat({row.flip({2}), row, row.flip({2})}, 2);
    };
    const Tensor images = noise({1, 3, 7, 11});
    ViewGeometry whole(11, 7);
    whole.translate("pad", {{-11, -7}}, 33, 21, Outside::mirror);
    EXPECT_TRUE(sample_views(images, whole).equal(tiled(images)));
    // behind a fractional stage, where positions and not indices are mirrored
    ViewGeometry turned(11, 7), both(11, 7);
    turned.transform("rotate", {rotation(30, 5, 3)}, 11, 7, Outside::fill, Interpolation::linear);
    both.transform("rotate", {rotation(30, 5, 3)}, 11, 7, Outside::fill, Interpolation::linear);
    both.translate("pad", {{-11, -7}}, 33, 21, Outside::mirror);
    EXPECT_LT(largest_difference(sample_views(images, both), tiled(sample_views(images, turned))), 1e-12);  // rounding of positions
}

TEST(Sampler, StagesThatSpareAViewLeaveItsBits) {
    ViewGeometry spared(40, 30), without(40, 30);
    for (ViewGeometry* geometry : {&spared, &without}) {
        geometry->transform("zoom", {zoom(.7, 3, 4)}, 40, 30, Outside::fill, Interpolation::linear);
    }
    spared.transform("rotate", {rotation(30, 5, 3), rotation(40, 5, 3)}, 40, 30, Outside::fill, Interpolation::cubic);
    spared.spare_views(1, {true, false});
    const Tensor images = noise({1, 3, 30, 40});
    const Tensor found = sample_views(images, spared);
    EXPECT_TRUE(found[1].equal(sample_views(images, without)[0]));
    EXPECT_FALSE(found[0].equal(found[1]));
    ViewGeometry crop(40, 30);
    crop.translate("crop", {{1, 1}}, 9, 9, Outside::fill);
    EXPECT_THROW(crop.spare_views(0, {true, false}), InputError);
}

TEST(Sampler, RefusesSizesThatCannotBe) {
    ViewGeometry geometry(40, 40);
    EXPECT_THROW(geometry.translate("crop", {{0, 0}}, 0, 4, Outside::fill), InputError);
    EXPECT_THROW(geometry.translate("repeat", {{0, 0}}, std::int64_t{1} << 40, std::int64_t{1} << 40, Outside::fill), InputError);
}

TEST(ViewRandom, NormalNoiseDependsOnTheViewOnly) {
    ViewRandom random{.seed = 5, .epoch = 3, .target = 1, .first_view = 0, .op = 2, .views = 3};
    const Tensor like = at::empty({1}, at::kDouble);
    const Tensor all = random.normal(3, 20, 30, like);
    EXPECT_EQ(all.scalar_type(), at::kDouble);
    random.first_view = 2;
    random.views = 1;
    EXPECT_TRUE(all[2].equal(random.normal(3, 20, 30, like)[0]));
    // 5400 draws: the mean is within 4 / sqrt(5400) of 0, the deviation within 4 / sqrt(10800) of 1
    EXPECT_NEAR(all.mean().item<double>(), 0, .055);
    EXPECT_NEAR(all.std().item<double>(), 1, .039);
    EXPECT_FALSE(all[0].equal(all[1]));
}

}  // namespace
}  // namespace clipig
