#include "ops/colour.h"
#include "ops/transform.h"

namespace clipig {
namespace {

struct Mean final : Transform {
    Real3 mean{};

    [[nodiscard]] Tensor apply(const Tensor& images, const ViewRandom&) const override {
        return images - plane_mean(images) + per_channel(mean, images);
    }
};

const Register<Transform, Mean> registration{
    {
        .kind = "transform",
        .name = "mean",
        .summary = "Shifts each channel so that it has this mean.",
        .details = "x - mean(x) + mean for each channel, not clamped.",
        .example = "mean: .5",
        .fields = {},
        .aliases = {},
        .keeps_resolution = true,
    },
    {
        required("mean", &Mean::mean, "Wanted means of red, green and blue.").sees(kTransformGroups),
    }};

}  // namespace
}  // namespace clipig
