// pixels: das - the sum of pictures of all sizes, as one picture with a preconditioner.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "ops/coded_pixels.h"
#include "ops/dct.h"

namespace clipig {
namespace {

/// Power response at frequency f (1 = the Nyquist frequency of the small picture) of the interpolation by Keys' cubic kernel
/// with a = -3/4, the one of bicubic enlarging. Its Fourier transform, sampled by a sum over the kernel's support.
double cubic_power(double f) {
    constexpr int kSteps = 64;
    constexpr double a = -0.75;
    double sum = 0;
    for (int i = 0; i < 2 * kSteps; ++i) {
        const double x = (i + .5) / kSteps;
        const double value = x < 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
        sum += 2 * value * std::cos(std::numbers::pi * f * x) / kSteps;
    }
    return sum * sum;
}

/// cubic_power from a table; nothing passes above twice the Nyquist frequency but small side lobes, which are left out.
class Response {
public:
    Response() {
        for (int i = 0; i <= kSteps; ++i) table_.push_back(cubic_power(2.0 * i / kSteps));
    }
    [[nodiscard]] double operator()(double f) const {
        const double place = f * kSteps / 2;
        return place >= kSteps ? 0 : table_[static_cast<std::size_t>(place + .5)];
    }

private:
    static constexpr int kSteps = 512;
    std::vector<double> table_;
};

struct Das final : CodedPixels {
    bool wrap = false;

protected:
    void set_code(const Tensor& code) override {
        if (!root_.defined() || root_.size(0) != height_ || root_.size(1) != (wrap ? width_ / 2 + 1 : width_)) make_root();
        root_ = root_.to(code.options());
        keep({wrap ? filtered(code, 1 / root_) : dct2(code) / root_});
    }

    [[nodiscard]] Tensor code() const override { return wrap ? filtered(parameters_[0], root_) : inverse_dct2(parameters_[0] * root_); }

    /// Under plain gradient descent the published rate, 0.4 for the mean loss of the views, on the sum over all sizes
    /// (tanh range); this program's sgd multiplies 10 of its own, and the table is divided by its mean. A step moves the
    /// picture by the square of the range's slope.
    [[nodiscard]] double code_rate(const std::string& optimizer) const override {
        if (optimizer != "sgd") return 1;
        const double slope = 1 / range_rate(range_named(range));
        return .04 * mean_ * (.25 / slope);  // the other factor 1 / slope is that of rate_scale
    }

private:
    /// [H,W]: square root of K, the sum over all sizes r of U_r U_r^T in the basis of the DCT, where U_r enlarges a picture of
    /// r x r to the whole; divided by the mean of K. Descent by gradients of c, where code = DCT^-1(sqrt(K) c), moves the code by
    /// K times its gradient: just as descent by the gradients of all the small pictures does.
    void make_root() {
        const Response response;
        const std::int64_t longest = std::max(width_, height_);
        Tensor table = at::zeros({height_, width_}, at::kDouble);
        double next = 1;
        for (std::int64_t r = 1; r <= longest; r = std::max(r + 1, static_cast<std::int64_t>(next))) {
            next = static_cast<double>(r) * 1.04;  // large sizes in groups that differ little
            const std::int64_t group = std::min(longest + 1, std::max(r + 1, static_cast<std::int64_t>(next))) - r;
            table.add_(at::outer(axis(response, r, height_, longest), axis(response, r, width_, longest)), static_cast<double>(group));
        }
        mean_ = table.mean().item<double>();
        root_ = (table / mean_).clamp_min(1e-6).sqrt();
        if (wrap) root_ = root_.narrow(1, 0, width_ / 2 + 1).contiguous();  // of a real picture's spectrum
    }

    /// Convolution over the border, symmetric: descent by the parameters' gradients is again descent by K times the code's.
    [[nodiscard]] Tensor filtered(const Tensor& picture, const Tensor& factor) const {
        return at::fft_irfft2(at::fft_rfft2(picture) * factor, {{height_, width_}});
    }

    /// Without `wrap` f counts half waves per side, as the DCT does; with it whole ones, those above the middle are negative.
    [[nodiscard]] Tensor axis(const Response& response, std::int64_t size, std::int64_t length, std::int64_t longest) const {
        const double small = std::max(1.0, std::round(static_cast<double>(size * length) / static_cast<double>(longest)));
        std::vector<double> values;
        for (std::int64_t f = 0; f < length; ++f) {
            // a single pixel enlarged is constant: it has no other frequency than 0
            const std::int64_t half_waves = wrap ? 2 * std::min(f, length - f) : f;
            const double power = f == 0 ? 1 : small == 1 ? 0 : response(static_cast<double>(half_waves) / small);
            values.push_back(power * static_cast<double>(length) / small);
        }
        return at::tensor(values, at::kDouble);
    }

    Tensor root_;
    double mean_ = 1;
};

const Register<PixelModel, Das> registered{
    {.kind = "pixels",
     .name = "das",
     .summary = "The sum of pictures of all sizes 1, 2, 3 ... as one picture in a basis where gradient descent does the same.",
     .details =
         "Made for `optimizer: sgd` without momentum: low frequencies move fastest. Under other optimisers take pyramid. After S. Fort\n"
         "and J. Whitaker, \"Direct Ascent Synthesis\", arXiv:2502.07753, where each size is a tensor of its own.",
     .example = "pixels: das",
     .fields = {}},
    with_code_fields<Das>({field("wrap", &Das::wrap, "false", "In waves that meet at the border: for seamless tiles.")}, "false", "tanh")};

}  // namespace
}  // namespace clipig
