#include "ops/colour.h"
#include "ops/transform.h"

namespace clipig {
namespace {

struct Rnoise final : Transform {
    Real3 std{};
    Int2 resolution{};

    [[nodiscard]] Tensor apply(const Tensor& images, const ViewRandom& random) const override {
        const Tensor noise = random.normal(images.size(1), resolution[1], resolution[0], images) * per_channel(std, images);
        return repeat_views(images, noise.size(0)) + at::upsample_bilinear2d(noise, {images.size(2), images.size(3)}, false);
    }
};

const Register<Transform, Rnoise> registration{
    {
        .kind = "transform",
        .name = "rnoise",
        .summary = "Adds noise of another resolution.",
        .details = "x + resized(n * std), where n is normal noise of the size `resolution`, resized (bilinear) to that of the "
                   "image: a small resolution makes clouds.",
        .example = "rnoise: {std: .1, resolution: 16}",
        .fields = {},
        .aliases = {},
        .keeps_resolution = true,
        .random = true,
    },
    {
        required("std", &Rnoise::std, "Standard deviation of the noise in red, green and blue, before it is resized.")
            .sees(kTransformGroups),
        required("resolution", &Rnoise::resolution, "Width and height of the noise.").at_least(1).unit("pixels").sees(kTransformGroups),
    }};

}  // namespace
}  // namespace clipig
