#include "ops/colour.h"
#include "ops/warp.h"

namespace clipig {
namespace {

struct Grey final : Transform {
    double p = .1;

    [[nodiscard]] Tensor apply(const Tensor& images, const ViewRandom& random) const override {
        const Tensor views = repeat_views(images, random.views);
        const Tensor share = view_numbers(drawn_numbers(random, {1, 1}, p, 0), images);
        return views * (1 - share) + grey(views) * share;
    }
};

const Register<Transform, Grey> registration{
    {
        .kind = "transform",
        .name = "grey",
        .summary = "Takes the colour from a share of the views.",
        .details = "Forms must then be seen by their brightness alone. 0.2989 R + 0.587 G + 0.114 B.",
        .example = "grey: .5",
        .fields = {},
        .keeps_resolution = true,
        .random = true,
    },
    {
        field("p", &Grey::p, ".1", "Share of the views.").at_least(0).at_most(1).sees(kTransformGroups),
    }};

}  // namespace
}  // namespace clipig
