#include "ops/colour.h"
#include "ops/transform.h"

namespace clipig {
namespace {

struct Noise final : Transform {
    Real3 std{};

    [[nodiscard]] Tensor apply(const Tensor& images, const ViewRandom& random) const override {
        const Tensor noise = random.normal(images.size(1), images.size(2), images.size(3), images);
        return repeat_views(images, noise.size(0)) + noise * per_channel(std, images);
    }
};

const Register<Transform, Noise> registration{
    {
        .kind = "transform",
        .name = "noise",
        .summary = "Adds coloured noise.",
        .details = "x + n * std, where n is normal noise, its own for each pixel and channel.",
        .example = "noise: .1",
        .fields = {},
        .aliases = {},
        .keeps_resolution = true,
        .random = true,
    },
    {
        required("std", &Noise::std, "Standard deviation of the noise in red, green and blue.").sees(kTransformGroups),
    }};

}  // namespace
}  // namespace clipig
