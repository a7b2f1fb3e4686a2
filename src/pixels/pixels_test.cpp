// Every parametrisation: the way there and back, its gradient, its resizing, and the same bytes for any number of threads.
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>

#include "ops/dct.h"
#include "ops/pixel_model.h"
#include "ops/resample.h"
#include "ops/test_operator.h"
#include "ops/wavelet.h"

namespace clipig {
namespace {

using test::largest;
using test::make_operator;
using test::random_picture;

constexpr double kOneStep = 1.0 / 255;

/// Soft hills, an edge, grain, and pixels of pure black and white: what photos have.
Tensor photo(std::int64_t height, std::int64_t width, at::ScalarType type = at::kFloat) {
    const Tensor hills = resize_images(random_picture(5, 4, 1, at::kDouble, 3), height, width, "cubic", true);
    Tensor result = hills * .9 + random_picture(height, width, 1, at::kDouble, 4) * .1;
    result.narrow(3, width / 2, width - width / 2).mul_(.6);
    if (height > 4 && width > 4) {
        result.narrow(2, 1, 2).narrow(3, 1, 2).fill_(0);
        result.narrow(2, 3, 1).narrow(3, 1, 3).fill_(1);
    }
    return result.clamp(0, 1).to(type);
}

const char* const kModels[] = {"rgb",
                               "rgb: {decorrelate: true, colors: 1.5, range: sigmoid}",
                               "rgb: {range: tanh}",
                               "pyramid",
                               "pyramid: {falloff: .7, interpolation: cubic, decorrelate: true, range: clamp}",
                               "fft",
                               "fft: {decay: 1, lowest: 4, range: none, colors: 2}",
                               "das",
                               "das: {decorrelate: true, range: sigmoid}",
                               "dwt",
                               "dwt: {wavelet: haar, levels: 3, decorrelate: false, colors: 1.8, range: clamp}",
                               "dwt: {wavelet: db3, levels: 16}"};

class Parametrisation : public ::testing::TestWithParam<const char*> {
protected:
    std::unique_ptr<PixelModel> model = make_operator<PixelModel>(GetParam());
};

TEST_P(Parametrisation, GivesAPhotoBack) {
    for (const auto& [height, width] : {std::pair{48, 64}, {37, 51}, {1, 1}, {1, 7}, {130, 96}}) {
        const Tensor image = photo(height, width);
        model->set_image(image);
        EXPECT_EQ(model->image().sizes(), image.sizes());
        EXPECT_EQ(model->size(), (std::array<std::int64_t, 2>{width, height}));
        EXPECT_LT(largest(model->image() - image), kOneStep) << height << " x " << width;
        for (const Tensor& parameter : model->parameters()) EXPECT_EQ(parameter.scalar_type(), at::kFloat);
    }
}

TEST_P(Parametrisation, GradientIsTheDerivative) {
    // colours inside of the range, in double
    model->set_image(photo(19, 22, at::kDouble) * .6 + .2);
    if (!model->image().requires_grad()) {
        EXPECT_TRUE(model->image().equal(model->parameters()[0]));  // plain pixels: the engine hands the gradient over
        return;
    }
    const Tensor cotangent = random_picture(19, 22, 1, at::kDouble, 9) - .5;
    (model->image() * cotangent).sum().backward();
    for (Tensor& parameter : model->parameters()) {
        ASSERT_EQ(parameter.scalar_type(), at::kDouble);
        const at::NoGradGuard no_grad;
        const Tensor before = parameter.clone();
        Random random({.seed = 5});
        Tensor direction = at::empty_like(before);
        for (std::int64_t i = 0; i < direction.numel(); ++i) direction.data_ptr<double>()[i] = random.normal();
        const double step = 1e-5;
        const auto value = [&](double t) {
            parameter.copy_(before + t * direction);
            return (model->image() * cotangent).sum().item<double>();
        };
        const double numeric = (value(step) - value(-step)) / (2 * step);
        parameter.copy_(before);
        // curvature of the sigmoid makes some step^2 = 1e-10 of the third derivative, rounding 1e-16 x 1e3 / step
        EXPECT_NEAR((parameter.grad() * direction).sum().item<double>(), numeric, 1e-6 * parameter.grad().norm().item<double>() + 1e-8);
    }
}

TEST_P(Parametrisation, ResizesThePictureAndTheState) {
    const Tensor image = photo(40, 60);
    model->set_image(image);
    for (const auto& [height, width] : {std::pair{80, 120}, {23, 31}}) {
        const Tensor wanted = resize_images(model->image().detach(), height, width, "linear", true).clamp(0, 1);
        std::vector<Tensor> old;
        for (const Tensor& parameter : model->parameters()) old.push_back(at::ones_like(parameter) * 2);
        model->resize(height, width, "linear");
        EXPECT_LT(largest(model->image() - wanted), kOneStep);
        for (std::size_t i = 0; i < model->parameters().size() && i < old.size(); ++i) {
            const Tensor moment = model->resize_state(i, old[i], true);
            EXPECT_EQ(moment.sizes(), model->parameters()[i].sizes());
            EXPECT_LT(largest(moment - 2), 1e-5);  // a constant stays constant
            EXPECT_EQ(model->resize_state(i, old[i], false).sizes(), model->parameters()[i].sizes());
        }
    }
}

TEST_P(Parametrisation, DescentChangesThePicture) {
    model->set_image(at::full({1, 3, 32, 24}, .5F));
    const Tensor wanted = photo(32, 24);
    const double before = largest((model->image() - wanted).square().mean());
    for (int step = 0; step < 40; ++step) {
        for (Tensor& parameter : model->parameters()) parameter.set_requires_grad(true);
        (model->image() - wanted).square().mean().backward();
        const at::NoGradGuard no_grad;
        for (Tensor& parameter : model->parameters()) {
            parameter.sub_(parameter.grad().sign() * .002);
            parameter.mutable_grad().reset();
        }
    }
    EXPECT_LT(largest((model->image() - wanted).square().mean()), before);
}

TEST_P(Parametrisation, SameBytesForAnyNumberOfThreads) {
    const int before = at::get_num_threads();
    std::vector<Tensor> images, gradients;
    for (const int threads : {1, 2}) {
        at::set_num_threads(threads);
        model->set_image(photo(150, 131));
        const Tensor image = model->image();
        images.push_back(image.detach().clone());
        if (!image.requires_grad()) continue;
        (image * image).sum().backward();
        for (Tensor& parameter : model->parameters()) gradients.push_back(parameter.grad());
    }
    at::set_num_threads(before);
    EXPECT_TRUE(images[0].equal(images[1]));
    for (std::size_t i = 0; 2 * i < gradients.size(); ++i) EXPECT_TRUE(gradients[i].equal(gradients[i + gradients.size() / 2]));
}

INSTANTIATE_TEST_SUITE_P(All, Parametrisation, ::testing::ValuesIn(kModels));

/// The cosine transform by its definition.
TEST(Dct, IsTheCosineTransform) {
    for (const std::int64_t length : {1, 2, 5, 8, 9}) {
        Tensor basis = at::empty({length, length}, at::kDouble);
        for (std::int64_t k = 0; k < length; ++k) {
            for (std::int64_t n = 0; n < length; ++n) {
                const double norm = std::sqrt((k == 0 ? 1.0 : 2.0) / static_cast<double>(length));
                basis[k][n] = norm * std::cos(M_PI * (static_cast<double>(n) + .5) * static_cast<double>(k) / static_cast<double>(length));
            }
        }
        const Tensor picture = random_picture(length, length, 1, at::kDouble);
        EXPECT_LT(largest(dct2(picture) - at::matmul(at::matmul(basis, picture), basis.t())), 1e-13);
        EXPECT_LT(largest(inverse_dct2(dct2(picture)) - picture), 1e-13);
    }
}

TEST(Wavelet, FiltersAreOrthonormalWithVanishingMoments) {
    const std::pair<const char*, int> known[] = {{"haar", 1}, {"db2", 2}, {"db3", 3}};
    for (const auto& [name, moments] : known) {
        const auto h = wavelet_filter(name);
        const auto n = h.size();
        for (std::size_t shift = 0; shift < n; shift += 2) {
            double sum = 0;
            for (std::size_t k = 0; k + shift < n; ++k) sum += h[k] * h[k + shift];
            EXPECT_NEAR(sum, shift == 0 ? 1 : 0, 1e-14) << name;
        }
        for (int moment = 0; moment < moments; ++moment) {
            double sum = 0;
            for (std::size_t k = 0; k < n; ++k) sum += (k % 2 == 0 ? 1 : -1) * std::pow(static_cast<double>(k), moment) * h[k];
            EXPECT_NEAR(sum, 0, 1e-13) << name;
        }
        const Tensor picture = random_picture(16, 24, 1, at::kDouble);
        const Tensor coefficients = wavelet_split(picture, 3, h);
        EXPECT_LT(largest(wavelet_join(coefficients, 3, h) - picture), 1e-13);
        EXPECT_NEAR(coefficients.norm().item<double>(), picture.norm().item<double>(), 1e-12);
    }
}

/// das: the gradient of the code, through the parameters, is that of descent in all the small pictures.
TEST(Das, MovesLikeTheSumOfAllSizes) {
    const std::int64_t side = 24;
    const auto model = make_operator<PixelModel>("das: {range: none}");
    model->set_image(at::full({1, 3, side, side}, .5, at::kDouble));
    const Tensor gradient = resize_images(random_picture(6, 6, 1, at::kDouble, 2), side, side, "cubic", false) - .5;
    model->image().backward(gradient);
    const at::NoGradGuard no_grad;
    const Tensor at_start = model->image();
    model->parameters()[0].sub_(model->parameters()[0].grad());
    const Tensor moved = at_start - model->image();
    Tensor wanted = at::zeros_like(gradient);
    for (std::int64_t r = 1; r <= side; ++r) {
        const at::AutoGradMode with_gradient(true);
        const Tensor small = at::zeros({1, 3, r, r}, at::kDouble).requires_grad_(true);
        const Tensor large = at::upsample_bicubic2d(small, {side, side}, false);
        large.backward(gradient);
        const at::NoGradGuard again;
        wanted += at::upsample_bicubic2d(small.grad(), {side, side}, false);
    }
    // the table leaves out side lobes and what the border does, so directions agree, not digits
    const double cosine = ((moved * wanted).sum() / (moved.norm() * wanted.norm())).item<double>();
    EXPECT_GT(cosine, .98);
}

TEST(Palette, KeepsFewColoursExactly) {
    const auto model = make_operator<PixelModel>("palette: {colors: 4}");
    const Tensor choice = (random_picture(20, 30)[0][0] * 4).floor().to(at::kLong);  // [20,30]
    const Tensor table = at::tensor({.1, .2, .9, .8, .1, .1, .9, .9, .2, .2, .6, .3}, at::kFloat).view({4, 3});
    const Tensor image = table.index_select(0, choice.flatten()).t().reshape({1, 3, 20, 30});
    model->set_image(image);
    EXPECT_LT(largest(model->image() - image), kOneStep);
    model->set_image(model->image().detach().clone());  // postproc does this in every epoch
    EXPECT_LT(largest(model->image() - image), kOneStep);
    EXPECT_EQ(std::get<0>(at::unique_dim(model->image()[0].flatten(1), 1)).size(1), 4);
}

TEST(Palette, GivenColoursStay) {
    const auto model = make_operator<PixelModel>("palette: {palette: [0, 0, 0, 1, 1, 1], learn: false, pixel_size: 3}");
    model->set_image(photo(14, 16));
    ASSERT_EQ(model->parameters().size(), 1U);
    const Tensor image = model->image();
    EXPECT_TRUE(((image == 0).logical_or(image == 1)).all().item<bool>());
    EXPECT_TRUE(image.narrow(2, 0, 3).narrow(3, 0, 3).equal(image.narrow(2, 1, 1).narrow(3, 1, 1).expand({1, 3, 3, 3})));
}

TEST(Palette, DescentFindsColoursAndChoices) {
    const auto model = make_operator<PixelModel>("palette: {colors: 2}");
    model->set_image(random_picture(8, 8));
    Tensor wanted = at::zeros({1, 3, 8, 8});
    wanted.narrow(3, 0, 4).fill_(.8F);
    double first = 0, last = 0;
    for (int step = 0; step < 300; ++step) {
        const Tensor loss = (model->image() - wanted).square().mean();
        last = loss.item<double>();
        if (step == 0) first = last;
        loss.backward();
        const at::NoGradGuard no_grad;
        for (Tensor& parameter : model->parameters()) {
            parameter.sub_(parameter.grad().sign() * .01);
            parameter.mutable_grad().reset();
        }
    }
    EXPECT_LT(last, first / 20);
}

TEST(Palette, ResizesAndKeepsItsBytes) {
    const int before = at::get_num_threads();
    std::vector<Tensor> gradients;
    for (const int threads : {1, 2}) {
        at::set_num_threads(threads);
        const auto model = make_operator<PixelModel>("palette: {colors: 5, pixel_size: 2}");
        model->set_image(photo(41, 52));
        model->resize(82, 104, "linear");
        EXPECT_EQ(model->image().sizes(), at::IntArrayRef({1, 3, 82, 104}));
        EXPECT_EQ(model->resize_state(0, at::ones({5, 1, 21, 26}), true).sizes(), model->parameters()[0].sizes());
        (model->image() * photo(82, 104)).sum().backward();
        for (Tensor& parameter : model->parameters()) gradients.push_back(parameter.grad());
    }
    at::set_num_threads(before);
    EXPECT_TRUE(gradients[0].equal(gradients[2]));
    EXPECT_TRUE(gradients[1].equal(gradients[3]));
}

}  // namespace
}  // namespace clipig
