#include "ops/colour.h"
#include "ops/transform.h"

namespace clipig {
namespace {

struct Saturation final : Transform {
    double factor = 1;

    [[nodiscard]] Tensor apply(const Tensor& images, const ViewRandom&) const override { return blend(images, grey(images), factor); }
};

const Register<Transform, Saturation> registration{
    {
        .kind = "transform",
        .name = "saturation",
        .summary = "Changes the saturation.",
        .details = "factor * x + (1 - factor) * g, clamped to 0..1, where g is the grey image 0.2989 R + 0.587 G + 0.114 B. 0 is "
                   "grey, 1 changes nothing but values outside 0..1.",
        .example = "saturation: .5",
        .fields = {},
        .aliases = {},
        .keeps_resolution = true,
    },
    {
        field("factor", &Saturation::factor, "1", "Below 1 less colourful, above 1 more.").sees(kTransformGroups),
    }};

}  // namespace
}  // namespace clipig
