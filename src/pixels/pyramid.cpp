// pixels: pyramid - the sum of pictures of many sizes, an octave apart.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "ops/coded_pixels.h"
#include "ops/edges.h"
#include "ops/resample.h"

namespace clipig {
namespace {

struct Pyramid final : CodedPixels {
    double falloff = 1;
    std::string interpolation;
    bool wrap = false;

    /// The state of a layer goes to the layer at the same place, counted from the coarsest.
    [[nodiscard]] Tensor resize_state(std::size_t index, const Tensor& state, bool non_negative) const override {
        return resampled_state(index, state, non_negative);
    }

    [[nodiscard]] bool is_picture(std::size_t /*index*/) const override { return true; }

protected:
    /// Each layer takes what the coarser ones have left, so that most of the picture lies in the coarse layers and the
    /// finest one makes the sum exact.
    void set_code(const Tensor& code) override {
        const auto sizes = layer_sizes();
        Tensor rest = code;
        std::vector<Tensor> layers;
        for (std::size_t k = 0; k < sizes.size(); ++k) {
            const Tensor layer = resize_images(rest, sizes[k][1], sizes[k][0], "linear", true);
            rest = rest - enlarged(layer);
            layers.push_back(layer / weight(k));
        }
        keep(layers);
    }

    [[nodiscard]] Tensor code() const override {
        Tensor sum;
        for (std::size_t k = 0; k < parameters_.size(); ++k) {
            const Tensor layer = enlarged(parameters_[k]), part = falloff == 1 ? layer : layer * weight(k);
            sum = sum.defined() ? sum + part : part;
        }
        return sum;
    }

private:
    [[nodiscard]] Tensor enlarged(const Tensor& layer) const {
        if (!wrap) return resize_images(layer, height_, width_, interpolation, false);
        const Margin x = margin(layer.size(3), width_), y = margin(layer.size(2), height_);
        const Tensor taller = extended(layer, 2, -y.layer, layer.size(2) + y.layer, wrapped);
        const Tensor around = extended(taller, 3, -x.layer, layer.size(3) + x.layer, wrapped);
        return resize_images(around, height_ + 2 * y.picture, width_ + 2 * x.picture, interpolation, false)
            .narrow(2, y.picture, height_)
            .narrow(3, x.picture, width_);
    }

    struct Margin {
        std::int64_t layer = 0, picture = 0;  ///< pixels of the layer, and as many pixels of the picture
    };

    /// At least the two pixels that a cubic kernel reaches, and so many that they are whole pixels of the picture.
    [[nodiscard]] static Margin margin(std::int64_t layer, std::int64_t picture) {
        const std::int64_t unit = layer / std::gcd(layer, picture);
        const std::int64_t pixels = (2 + unit - 1) / unit * unit;
        return {pixels, pixels * picture / layer};
    }

    [[nodiscard]] double weight(std::size_t layer) const { return std::pow(falloff, static_cast<double>(layer)); }

    /// {width, height} from one pixel to the whole picture.
    [[nodiscard]] std::vector<Int2> layer_sizes() const {
        std::vector<Int2> sizes;
        for (double part = 1; static_cast<double>(std::max(width_, height_)) * part >= 1; part /= 2) {
            const auto length = [part](std::int64_t side) {
                return std::max<std::int64_t>(1, std::llround(static_cast<double>(side) * part));
            };
            sizes.push_back({length(width_), length(height_)});
        }
        std::reverse(sizes.begin(), sizes.end());
        return sizes;
    }
};

const Register<PixelModel, Pyramid> registered{
    {.kind = "pixels",
     .name = "pyramid",
     .summary = "A sum of pictures of many sizes, from one pixel to the whole, each twice as large as the one before.",
     .details = "Under Adam every size moves as fast as the others, so that large forms come first and the picture has the 1/f\n"
                "spectrum of natural ones. Made for adam and its kin; for sgd take das. After S. Fort and J. Whitaker, \"Direct Ascent\n"
                "Synthesis\", arXiv:2502.07753.",
     .example = "pixels: pyramid",
     .fields = {}},
    with_code_fields<Pyramid>(
        {field("falloff", &Pyramid::falloff, "1", "Each layer counts this much less than the next coarser one.").more_than(0).at_most(2),
         field("interpolation", &Pyramid::interpolation, "linear", "How the layers are enlarged.").choices({"linear", "cubic"}),
         field("wrap", &Pyramid::wrap, "false", "Layers meet their opposite side at the border: for seamless tiles.")},
        "false", "tanh")};

}  // namespace
}  // namespace clipig
