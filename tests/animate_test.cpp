// The moves of `animate`: against pictures that were moved in another way, and what becomes of the optimiser.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/animate.h"
#include "engine/operators.h"
#include "ops/test_operator.h"
#include "scene.h"

namespace clipig {
namespace {

using test::make_operator;
using test::random_picture;

constexpr double kRounding = 1e-12;  // sums of some dozen doubles of order one

double largest(const Tensor& difference) { return difference.abs().max().item<double>(); }

Motion motion(const std::string& border, const std::string& interpolation = "cubic") {
    Motion result;
    result.border = border;
    result.interpolation = interpolation;
    return result;
}

Tensor picture() { return random_picture(20, 30, 1, at::kDouble); }

/// 3 x 3 copies of a picture; `mirror`: with every second one mirrored.
Tensor tiled(const Tensor& image, bool mirror) {
    const auto flip = [mirror](const Tensor& part, std::int64_t dimension) { return mirror ? part.flip(dimension) : part; };
    const Tensor row = at::cat({flip(image, 3), image, flip(image, 3)}, 3);
    return at::cat({flip(row, 2), row, flip(row, 2)}, 2);
}

Tensor middle(const Tensor& nine) {
    return nine.narrow(2, nine.size(2) / 3, nine.size(2) / 3).narrow(3, nine.size(3) / 3, nine.size(3) / 3);
}

TEST(Moved, NothingIsExactlyNothing) {
    for (const char* border : {"mirror", "wrap", "edge", "black"}) EXPECT_TRUE(moved(picture(), motion(border)).equal(picture())) << border;
}

TEST(Moved, WholePixelsAreMovedExactly) {
    const Tensor image = picture();
    Motion move = motion("wrap");
    move.shift = {-7. / 30, 3. / 20};
    EXPECT_TRUE(moved(image, move).equal(image.roll({3, -7}, {2, 3})));
    move.border = "mirror";
    EXPECT_TRUE(moved(image, move).equal(middle(tiled(image, true).roll({3, -7}, {2, 3}))));
    move.border = "black";
    Tensor wanted = at::zeros_like(image);
    wanted.narrow(2, 3, 17).narrow(3, 0, 23).copy_(image.narrow(2, 0, 17).narrow(3, 7, 23));
    EXPECT_TRUE(moved(image, move).equal(wanted));
    move.border = "edge";
    const Tensor edge = moved(image, move);
    EXPECT_TRUE(edge.narrow(2, 3, 17).narrow(3, 0, 23).equal(wanted.narrow(2, 3, 17).narrow(3, 0, 23)));
    EXPECT_TRUE(edge.narrow(3, 25, 5).narrow(2, 4, 1).equal(image.narrow(3, 29, 1).narrow(2, 1, 1).expand({1, 3, 1, 5})));
}

TEST(Moved, QuarterTurnsAreExact) {
    const Tensor image = random_picture(24, 24, 1, at::kDouble);
    for (const char* border : {"mirror", "black"}) {
        Motion move = motion(border);
        move.degrees = 90;
        EXPECT_LT(largest(moved(image, move) - at::rot90(image, 1, {2, 3})), kRounding) << border;
    }
}

TEST(Moved, FollowsTheFormula) {
    // a plane of grey is interpolated exactly, so that each pixel must show the height of the place that it comes from
    const std::int64_t height = 40, width = 60;
    const Tensor x = (at::arange(width, at::kDouble) + .5).view({1, width}).expand({height, width});
    const Tensor y = (at::arange(height, at::kDouble) + .5).view({height, 1}).expand({height, width});
    const Tensor image = at::stack({x, y, x + y}).unsqueeze(0).contiguous();
    Motion move = motion("edge", "linear");
    move.zoom = 1.25;
    move.degrees = 20;
    move.shift = {.05, -.1};
    move.centre = {.5, .4};
    const double cx = 30, cy = 16, angle = 20 * std::acos(-1) / 180;
    const Tensor dx = x - 3 - cx, dy = y + 4 - cy;
    // y points down: a turn to the left as seen takes (1, 0) to (cos, -sin)
    const Tensor from_x = cx + (dx * std::cos(angle) - dy * std::sin(angle)) / 1.25;
    const Tensor from_y = cy + (dx * std::sin(angle) + dy * std::cos(angle)) / 1.25;
    const Tensor inside = (from_x > 1).logical_and(from_x < 59).logical_and(from_y > 1).logical_and(from_y < 39);
    EXPECT_GT(inside.to(at::kDouble).mean().item<double>(), .7);
    const Tensor result = moved(image, move)[0];
    EXPECT_LT(largest((result[0] - from_x) * inside), 1e-10);  // coordinates of some tens
    EXPECT_LT(largest((result[1] - from_y) * inside), 1e-10);
}

TEST(Moved, BordersContinueThePicture) {
    const Tensor image = picture();
    for (const bool mirror : {true, false}) {
        for (const char* interpolation : {"linear", "cubic"}) {
            Motion move = motion(mirror ? "mirror" : "wrap", interpolation);
            move.zoom = .8;
            move.degrees = -11;
            move.shift = {.11, .07};
            Motion large = move;  // the same in pixels on nine times the plane
            large.shift = {.11 / 3, .07 / 3};
            const Tensor wanted = middle(moved(tiled(image, mirror), large));
            EXPECT_LT(largest(moved(image, move) - wanted), kRounding) << move.border << " " << interpolation;
        }
    }
}

TEST(Moved, AnyNumberOfPlanes) {
    Motion move = motion("mirror");
    move.zoom = 1.3;
    const Tensor image = random_picture(14, 17, 4);  // 12 planes
    for (const std::int64_t planes : {1, 2, 5, 12}) {
        const Tensor some = image.reshape({12, 1, 14, 17}).narrow(0, 0, planes).contiguous();
        EXPECT_TRUE(moved(some, move).equal(moved(image, move).reshape({12, 1, 14, 17}).narrow(0, 0, planes)));
    }
    EXPECT_LT(largest(moved(at::ones({1, 3, 1, 1}, at::kDouble), move) - 1), kRounding) << "a picture of one pixel";
}

TEST(Moved, FarOutAndFarIn) {
    for (const double zoom : {.01, 100.}) {
        for (const char* border : {"mirror", "wrap", "edge", "black"}) {
            Motion move = motion(border);
            move.zoom = zoom;
            const Tensor result = moved(at::full({1, 3, 16, 12}, .25, at::kDouble), move);
            if (std::string(border) != "black" || zoom > 1) {
                EXPECT_LT(largest(result - .25), 1e-9) << border;
            }
            EXPECT_TRUE(at::isfinite(result).all().item<bool>());
        }
    }
}

class Animated : public testing::Test {
protected:
    void use(const std::string& section, const std::string& parametrisation = "rgb") {
        config_ = test::config_of("animate: " + section + "\n");
        pixels_ = make_operator<PixelModel>(parametrisation);
        optimizer_ = make_operator<Optimizer>("adam");
        pixels_->set_image(random_picture(12, 16));
        std::vector<Tensor> gradients;
        for (const Tensor& parameter : pixels_->parameters())
            gradients.push_back(at::ones_like(parameter).cumsum(-1).requires_grad_(false));
        const at::NoGradGuard no_grad;
        optimizer_->step(pixels_->parameters(), gradients, .01);
    }

    void at_epoch(std::int64_t epoch) {
        Frame frame;
        frame.variables.epoch = epoch;
        frame.variables.epochs = 101;
        frame.variables.resolution = pixels_->size();
        animate(*config_->animate, frame, *pixels_, *optimizer_, average_);
    }

    [[nodiscard]] Tensor image() const { return pixels_->image().detach().clone(); }
    [[nodiscard]] Tensor state(const std::string& name) const { return optimizer_->state().at(name).at(0).clone(); }

    std::shared_ptr<const Config> config_;
    std::unique_ptr<PixelModel> pixels_;
    std::unique_ptr<Optimizer> optimizer_;
    Tensor average_;
};

TEST_F(Animated, PictureAndStateMoveTogether) {
    use("{shift: 3 -2, border: wrap}");
    const Tensor before = image(), mean = state("exp_avg"), square = state("exp_avg_sq");
    average_ = before * .5;
    at_epoch(1);
    EXPECT_TRUE(average_.equal(before.roll({-2, 3}, {2, 3}) * .5));
    EXPECT_TRUE(image().equal(before.roll({-2, 3}, {2, 3})));
    EXPECT_TRUE(state("exp_avg").equal(mean.roll({-2, 3}, {2, 3})));
    EXPECT_TRUE(state("exp_avg_sq").equal(square.roll({-2, 3}, {2, 3})));
    EXPECT_EQ(state("step").item<double>(), 1);
}

TEST_F(Animated, SharesAndPixels) {
    use("{shift: .25 -3, border: wrap}");
    const Tensor before = image();
    at_epoch(1);
    EXPECT_TRUE(image().equal(before.roll({-3, 4}, {2, 3})));
}

TEST_F(Animated, ExpressionsAndSchedule) {
    use("{shift: epoch 0, border: wrap, interval: 3, start: 3, end: 9}");
    for (const int epoch : {0, 1, 2, 3, 4, 6, 12}) {
        const Tensor before = image();
        at_epoch(epoch);
        const bool moves = epoch == 3 || epoch == 6;
        EXPECT_TRUE(image().equal(moves ? before.roll({0, epoch}, {2, 3}) : before)) << epoch;
    }
    use("{shift: 1 1, active: false}");
    const Tensor before = image();
    at_epoch(5);
    EXPECT_TRUE(image().equal(before));
}

TEST_F(Animated, SecondMomentsStayPositive) {
    for (const char* border : {"mirror", "wrap", "edge", "black"}) {
        use(std::string("{zoom: .7, rotate: 30, border: ") + border + "}");
        for (int epoch = 1; epoch < 8; ++epoch) at_epoch(epoch);
        EXPECT_GT(state("exp_avg_sq").min().item<double>(), 0) << border;
    }
}

TEST_F(Animated, EveryParametrisationShowsTheMovedPicture) {
    for (const char* name : {"rgb: {decorrelate: true, range: sigmoid}", "pyramid", "fft", "dwt", "das"}) {
        use("{zoom: 1.2, rotate: 5}", name);
        const Tensor before = image();
        std::vector<Tensor> states;
        const auto held = optimizer_->state();
        for (const Tensor& tensor : held.at("exp_avg")) states.push_back(tensor.clone());
        Motion move;
        move.zoom = 1.2;
        move.degrees = 5;
        at_epoch(1);
        // what cubic interpolation overshoots is cut where colours are bounded; 1/255 is a step of a saved picture
        EXPECT_LT(largest(image() - moved(before, move).clamp(0, 1)), 1. / 255) << name;
        for (std::size_t i = 0; i < states.size(); ++i) {
            const Tensor after = optimizer_->state().at("exp_avg").at(i);
            if (states[i].size(-1) < 5) continue;  // of a layer of few pixels there is nothing to move
            EXPECT_EQ(after.equal(states[i]), !pixels_->is_picture(i)) << name << " " << i;
        }
    }
}

TEST_F(Animated, PaletteKeepsItsColours) {
    use("{shift: 5 1, border: wrap, interpolation: nearest}", "palette: {palette: [0, 0, 0, 1, 1, 1, 1, 0, 0], learn: false}");
    const Tensor before = image();
    at_epoch(1);
    EXPECT_TRUE(image().equal(before.roll({1, 5}, {2, 3})));
}

}  // namespace
}  // namespace clipig
