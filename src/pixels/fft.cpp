// pixels: fft - waves, scaled to the spectrum of natural pictures.
#include <algorithm>
#include <cmath>

#include "ops/coded_pixels.h"

namespace clipig {
namespace {

struct Fft final : CodedPixels {
    double decay = 1.5;
    double lowest = 1;

protected:
    void set_code(const Tensor& code) override {
        scale_ = make_scale().to(code.options());
        const Tensor waves = at::fft_rfft2(code, at::IntArrayRef{height_, width_}, {-2, -1}, "ortho");
        keep({at::view_as_real(waves) / scale_});
    }

    [[nodiscard]] Tensor code() const override {
        const Tensor waves = at::view_as_complex(parameters_[0] * scale_);  // [1,3,H,W/2+1]
        return at::fft_irfft2(waves, at::IntArrayRef{height_, width_}, {-2, -1}, "ortho");
    }

    /// Steps that suit adam, found by painting with the mini model.
    [[nodiscard]] double code_rate(const std::string&) const override { return 4; }

private:
    /// [H,W/2+1,1]: 1 / f^decay, with a mean square of 1 over the whole spectrum, so that a step in every wave changes the
    /// pixels as much as a step of the same size in every pixel.
    [[nodiscard]] Tensor make_scale() const {
        const std::int64_t columns = width_ / 2 + 1;
        const double least = lowest / static_cast<double>(std::max(width_, height_));
        std::vector<double> scale;
        double squares = 0;
        for (std::int64_t y = 0; y < height_; ++y) {
            const double fy = static_cast<double>(std::min(y, height_ - y)) / static_cast<double>(height_);
            for (std::int64_t x = 0; x < columns; ++x) {
                const double fx = static_cast<double>(x) / static_cast<double>(width_);
                scale.push_back(std::pow(std::max(std::hypot(fx, fy), least), -decay));
                const bool twice = x > 0 && 2 * x != width_;  // stands for its mirror image too
                squares += scale.back() * scale.back() * (twice ? 2 : 1);
            }
        }
        const double rms = std::sqrt(squares / static_cast<double>(width_ * height_));
        for (double& entry : scale) entry /= rms;
        return at::tensor(scale, at::kDouble).view({height_, columns, 1});
    }

    Tensor scale_;
};

const Register<PixelModel, Fft> registered{
    {.kind = "pixels",
     .name = "fft",
     .summary = "Waves: the parameters are the Fourier coefficients, scaled to the spectrum of natural pictures.",
     .details = "code = irfft2(c / max(f, lowest / side)^decay), f in waves per pixel. Pictures are smooth and fill the whole plane.\n"
                "A picture to start with comes back exactly. After C. Olah et al., \"Feature visualization\", Distill 2017.",
     .example = "pixels: {fft: {decay: 1.5}}",
     .fields = {}},
    with_code_fields<Fft>(
        {field("decay", &Fft::decay, "1.5", "How much weaker fine waves are: 0 equal, 1 as in natural pictures.").at_least(0).at_most(4),
         field("lowest", &Fft::lowest, "1", "Waves longer than the picture's side divided by this are as strong as those.")
             .at_least(.1)
             .unit("waves per picture")})};

}  // namespace
}  // namespace clipig
