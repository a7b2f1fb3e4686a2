#include "ops/warp.h"

namespace clipig {
namespace {

struct Elastic final : Transform {
    double strength = .03;
    Int2 resolution{4, 4};
    std::string border;

    [[nodiscard]] Tensor apply(const Tensor& images, const ViewRandom& random) const override {
        const Tensor like = at::empty({0}, at::kDouble);
        const Tensor bends = random.normal(2, resolution[1], resolution[0], like) * strength;
        const Tensor fine = at::upsample_bilinear2d(bends, {images.size(2), images.size(3)}, true).permute({0, 2, 3, 1});
        return warp(images, resting_positions(images.size(2), images.size(3)) + fine, border);
    }
};

const Register<Transform, Elastic> registered{
    {.kind = "transform",
     .name = "elastic",
     .summary = "Bends views like rubber.",
     .details = "Each pixel comes from a place moved by `strength` times normal noise of the size `resolution`, enlarged to the view.",
     .example = "elastic: {strength: .03, resolution: 4}",
     .fields = {},
     .keeps_resolution = true,
     .random = true},
    {field("strength", &Elastic::strength, ".03", "Standard deviation of the movement.")
         .unit("parts of the side")
         .at_least(0)
         .sees(kTransformGroups),
     field("resolution", &Elastic::resolution, "4", "Width and height of the noise: higher bends in more places.")
         .at_least(1)
         .at_most(4096)
         .sees(kTransformGroups),
     field("border", &Elastic::border, "mirror", "What is outside: the mirrored picture, the edge's pixels, or black.")
         .choices({"mirror", "edge", "black"})}};

}  // namespace
}  // namespace clipig
