#include "ops/colour.h"
#include "ops/warp.h"

namespace clipig {
namespace {

struct RandomNoise final : Transform {
    Real2 std{0, .1};
    double p = 1;

    [[nodiscard]] Tensor apply(const Tensor& images, const ViewRandom& random) const override {
        // the strengths come from a stream beside that of the noise
        ViewRandom strengths = random;
        strengths.op ^= 0x80000000u;
        const Tensor noise = random.normal(images.size(1), images.size(2), images.size(3), images);
        return repeat_views(images, random.views) + noise * view_numbers(drawn_numbers(strengths, std, p, 0), images);
    }
};

const Register<Transform, RandomNoise> registration{
    {
        .kind = "transform",
        .name = "random_noise",
        .summary = "Adds normal noise of a random strength to each view.",
        .details = "x + s n, s uniform between the two numbers: some views are clean, so that details are not all drowned.",
        .example = "random_noise: 0 .1",
        .fields = {},
        .keeps_resolution = true,
        .random = true,
    },
    {
        field("std", &RandomNoise::std, "0 .1", "Smallest and largest standard deviation.").at_least(0).sees(kTransformGroups),
        field("p", &RandomNoise::p, "1", "Share of the views.").at_least(0).at_most(1).sees(kTransformGroups),
    }};

}  // namespace
}  // namespace clipig
