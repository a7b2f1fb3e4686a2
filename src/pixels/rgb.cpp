// pixels: rgb - the picture is its own parameter.
#include "ops/coded_pixels.h"
#include "ops/resample.h"

namespace clipig {
namespace {

struct Rgb final : CodedPixels {
    void resize(std::int64_t height, std::int64_t width, const std::string& interpolation) override {
        const Range kind = range_named(range);
        if (kind == Range::sigmoid || kind == Range::tanh) return CodedPixels::resize(height, width, interpolation);
        const at::NoGradGuard no_grad;  // values outside of 0..1 stay as they are
        height_ = height;
        width_ = width;
        set_code(resize_images(parameters_[0].detach(), height, width, interpolation, true));
    }

    [[nodiscard]] Tensor resize_state(std::size_t index, const Tensor& state, bool non_negative) const override {
        return resampled_state(index, state, non_negative);
    }

    [[nodiscard]] bool is_picture(std::size_t /*index*/) const override { return true; }

protected:
    void set_code(const Tensor& code) override {
        keep({code});
        // plain pixels need no graph: the gradient of the picture is that of the parameter
        if (range_named(range) == Range::none && ColourSpace(decorrelate, colors).identity()) parameters_[0].set_requires_grad(false);
    }

    [[nodiscard]] Tensor code() const override { return parameters_[0]; }  // [1,3,H,W]
};

const Register<PixelModel, Rgb> registered{{.kind = "pixels",
                                            .name = "rgb",
                                            .summary = "Plain RGB pixels: the picture is its own parameter.",
                                            .details = "Every pixel moves on its own. With its defaults compatible with the older program.",
                                            .example = "pixels: rgb",
                                            .fields = {}},
                                           with_code_fields<Rgb>({}, "false", "none")};

}  // namespace
}  // namespace clipig
