#include "ops/colour.h"
#include "ops/transform.h"

namespace clipig {
namespace {

struct Contrast final : Transform {
    double factor = 1;

    [[nodiscard]] Tensor apply(const Tensor& images, const ViewRandom&) const override {
        return blend(images, spread_over(plane_mean(grey(images)), images), factor);
    }
};

const Register<Transform, Contrast> registration{
    {
        .kind = "transform",
        .name = "contrast",
        .summary = "Changes the contrast.",
        .details = "factor * x + (1 - factor) * m, clamped to 0..1, where m is the mean of the grey image 0.2989 R + 0.587 G + "
                   "0.114 B. 0 is plain grey, 1 changes nothing but values outside 0..1.",
        .example = "contrast: 1.2",
        .fields = {},
        .aliases = {},
        .keeps_resolution = true,
    },
    {
        field("factor", &Contrast::factor, "1", "Below 1 less contrast, above 1 more.").sees(kTransformGroups),
    }};

}  // namespace
}  // namespace clipig
