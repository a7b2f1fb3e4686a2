// pixels: rgb - the picture is its own parameter.
#include "ops/pixel_model.h"
#include "ops/resample.h"

namespace clipig {
namespace {

struct Rgb final : PixelModel {
    void set_image(const Tensor& image) override { parameters_ = {image.detach().clone().contiguous()}; }

    [[nodiscard]] Tensor image() const override { return parameters_[0]; }

    [[nodiscard]] std::vector<Tensor>& parameters() override { return parameters_; }

    void resize(std::int64_t height, std::int64_t width, const std::string& interpolation) override {
        parameters_[0] = resize_images(parameters_[0].detach(), height, width, interpolation, true).contiguous();
    }

    [[nodiscard]] Tensor resize_state(std::size_t index, const Tensor& state, bool non_negative) const override {
        const auto& pixels = parameters_[index];
        Tensor resized = resize_images(state, pixels.size(2), pixels.size(3), "linear", true);
        if (non_negative) resized = resized.clamp_min(0);
        return resized.contiguous();
    }

private:
    std::vector<Tensor> parameters_;  // one: [1,3,H,W]
};

const Register<PixelModel, Rgb> registered{{.kind = "pixels",
                                            .name = "rgb",
                                            .summary = "Plain RGB pixels: the picture is its own parameter.",
                                            .details = "Every pixel moves on its own. Compatible with the older program.",
                                            .example = "pixels: rgb",
                                            .fields = {}},
                                           {}};

}  // namespace
}  // namespace clipig
