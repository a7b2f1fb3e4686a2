#include "ops/colour.h"
#include "ops/transform.h"

namespace clipig {
namespace {

struct Quantize final : Transform {
    Real3 step{};

    [[nodiscard]] Tensor apply(const Tensor& images, const ViewRandom&) const override {
        const Tensor steps = per_channel(step, images);
        return at::floor(images / steps) * steps;
    }
};

const Register<Transform, Quantize> registration{
    {
        .kind = "transform",
        .name = "quantize",
        .summary = "Reduces the number of colours.",
        .details = "floor(x / step) * step. Its gradient is 0 everywhere: features behind it do not change the picture, so it is "
                   "meant for postproc.",
        .example = "quantize: .1 .3 .5",
        .fields = {},
        .aliases = {},
        .keeps_resolution = true,
    },
    {
        required("step", &Quantize::step, "Distance between neighbouring values in red, green and blue.")
            .more_than(0)
            .sees(kTransformGroups),
    }};

}  // namespace
}  // namespace clipig
