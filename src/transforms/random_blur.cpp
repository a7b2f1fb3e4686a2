#include <cmath>

#include "ops/blur_kernel.h"
#include "ops/colour.h"
#include "ops/warp.h"

namespace clipig {
namespace {

struct RandomBlur final : Transform {
    Real2 sigma{0, 1};
    double p = 1;
    bool wrap = false;

    [[nodiscard]] Tensor apply(const Tensor& images, const ViewRandom& random) const override {
        const Tensor views = repeat_views(images, random.views);
        std::vector<Tensor> blurred;
        std::int64_t view = 0;
        for (const double width : drawn_numbers(random, sigma, p, 0)) {
            const Tensor one = views.narrow(0, view++, 1);
            const auto reach = 2 * static_cast<std::int64_t>(std::ceil(3 * width)) + 1;  // a thousandth is cut off
            blurred.push_back(reach <= 1 ? one : gaussian_blur(one, {{reach, reach}, Real2{width, width}, wrap}));
        }
        return at::cat(blurred);
    }
};

const Register<Transform, RandomBlur> registration{
    {
        .kind = "transform",
        .name = "random_blur",
        .summary = "Blurs each view by a random amount.",
        .details = "A Gaussian whose standard deviation is uniform between the two numbers.",
        .example = "random_blur: 0 2",
        .fields = {},
        .keeps_resolution = true,
        .random = true,
    },
    {
        field("sigma", &RandomBlur::sigma, "0 1", "Smallest and largest standard deviation.")
            .unit("pixels")
            .at_least(0)
            .at_most(1000)
            .sees(kTransformGroups),
        field("p", &RandomBlur::p, "1", "Share of the views.").at_least(0).at_most(1).sees(kTransformGroups),
        blur_wrap_field<RandomBlur>(&RandomBlur::wrap),
    }};

}  // namespace
}  // namespace clipig
