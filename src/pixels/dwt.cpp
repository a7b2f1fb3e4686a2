// pixels: dwt - wavelets, scaled to the spectrum of natural pictures.
#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "ops/coded_pixels.h"
#include "ops/edges.h"
#include "ops/wavelet.h"

namespace clipig {
namespace {

struct Dwt final : CodedPixels {
    std::string wavelet;
    std::int64_t levels = 5;
    double decay = 1.4;

protected:
    void set_code(const Tensor& code) override {
        depth_ = static_cast<int>(std::min<std::int64_t>(levels, static_cast<std::int64_t>(std::log2(std::min(width_, height_)))));
        const auto scale = make_scale(padded(height_), padded(width_));
        scale_ = scale.to(code.options());
        keep({wavelet_split(mirrored(code), depth_, wavelet_filter(lower(wavelet))) / scale_});
    }

    [[nodiscard]] Tensor code() const override {
        return wavelet_join(parameters_[0] * scale_, depth_, wavelet_filter(lower(wavelet))).narrow(2, 0, height_).narrow(3, 0, width_);
    }

    /// Steps that suit adam, found by painting with the mini model.
    [[nodiscard]] double code_rate(const std::string&) const override { return 3; }

private:
    [[nodiscard]] std::int64_t padded(std::int64_t length) const {
        const std::int64_t unit = std::int64_t{1} << depth_;
        return (length + unit - 1) / unit * unit;
    }

    /// Filled up to whole units by pixels next to the border, mirrored.
    [[nodiscard]] Tensor mirrored(const Tensor& code) const {
        const auto place = [](std::int64_t i, std::int64_t length) {
            return i < length ? i : std::max<std::int64_t>(0, 2 * length - 1 - i);
        };
        return extended(extended(code, 2, 0, padded(height_), place), 3, 0, padded(width_), place);
    }

    /// [H,W]: 2^(decay * level), level 0 the finest, with a mean square of 1.
    [[nodiscard]] Tensor make_scale(std::int64_t height, std::int64_t width) const {
        Tensor scale = at::ones({height, width}, at::kDouble);
        for (int level = 1; level <= depth_; ++level) {
            const double strength = std::pow(2, decay * std::min(level, depth_ - 1));  // the coarse picture as its details
            scale.narrow(0, 0, height >> level).narrow(1, 0, width >> level).fill_(strength);
        }
        return scale / scale.square().mean().sqrt();
    }

    Tensor scale_;
    int depth_ = 0;
};

const Register<PixelModel, Dwt> registered{
    {.kind = "pixels",
     .name = "dwt",
     .summary = "Wavelets, scaled to the spectrum of natural pictures: like fft, but each one acts in one place.",
     .details = "The parameters are the coefficients of an orthogonal wavelet transform, periodic at the border. A picture to start with\n"
                "comes back exactly.",
     .example = "pixels: {dwt: {wavelet: db3, levels: 4}}",
     .fields = {}},
    with_code_fields<Dwt>(
        {field("wavelet", &Dwt::wavelet, "db2", "haar (squares), db2 or db3 (smoother).").choices({"haar", "db2", "db3"}),
         field("levels", &Dwt::levels, "5", "How often the picture is halved, as far as it can be.").at_least(0).at_most(16),
         field("decay", &Dwt::decay, "1.4", "Each coarser level is 2^decay times stronger.").at_least(0).at_most(4)})};

}  // namespace
}  // namespace clipig
