#include "ops/colour.h"
#include "ops/transform.h"

namespace clipig {
namespace {

struct Bwnoise final : Transform {
    double std = 0;

    [[nodiscard]] Tensor apply(const Tensor& images, const ViewRandom& random) const override {
        const Tensor noise = random.normal(1, images.size(2), images.size(3), images);
        return repeat_views(images, noise.size(0)) + noise * std;
    }
};

const Register<Transform, Bwnoise> registration{
    {
        .kind = "transform",
        .name = "bwnoise",
        .summary = "Adds grey noise.",
        .details = "x + n * std, where n is one plane of normal noise, the same for all channels.",
        .example = "bwnoise: .1",
        .fields = {},
        .aliases = {},
        .keeps_resolution = true,
        .random = true,
    },
    {
        required("std", &Bwnoise::std, "Standard deviation of the noise.").sees(kTransformGroups),
    }};

}  // namespace
}  // namespace clipig
