#include "ops/colour.h"
#include "ops/warp.h"

namespace clipig {
namespace {

struct Jitter final : Transform {
    double brightness = .1;
    double contrast = .1;
    double saturation = .1;
    double p = 1;

    [[nodiscard]] Tensor apply(const Tensor& images, const ViewRandom& random) const override {
        std::vector<double> shifts, spreads, colours;
        for (std::int64_t view = 0; view < random.views; ++view) {
            Random stream = random.stream(view);
            const double part = stream.uniform() < p ? 1 : 0;
            shifts.push_back(part * stream.uniform(-brightness, brightness));
            spreads.push_back(1 + part * stream.uniform(-contrast, contrast));
            colours.push_back(1 + part * stream.uniform(-saturation, saturation));
        }
        const Tensor views = repeat_views(images, random.views);
        const Tensor shade = grey(views);
        const Tensor mean = spread_over(plane_mean(shade), views);
        const Tensor colour = view_numbers(colours, images), spread = view_numbers(spreads, images);
        const Tensor coloured = views * colour + shade * (1 - colour);
        return coloured * spread + mean * (1 - spread) + view_numbers(shifts, images);
    }
};

const Register<Transform, Jitter> registration{
    {
        .kind = "transform",
        .name = "jitter",
        .summary = "Changes brightness, contrast and saturation of each view by random amounts.",
        .details = "Brightness is added, contrast multiplies the distance from the view's mean grey, saturation the distance from each "
                   "pixel's grey.",
        .example = "jitter: {brightness: .1, contrast: .2, saturation: .3}",
        .fields = {},
        .keeps_resolution = true,
        .random = true,
    },
    {
        field("brightness", &Jitter::brightness, ".1", "At most this is added or taken.").at_least(0).sees(kTransformGroups),
        field("contrast", &Jitter::contrast, ".1", "Factors of contrast: 1 plus or minus up to this.").at_least(0).sees(kTransformGroups),
        field("saturation", &Jitter::saturation, ".1", "Factors of saturation: 1 plus or minus up to this.")
            .at_least(0)
            .sees(kTransformGroups),
        field("p", &Jitter::p, "1", "Share of the views.").at_least(0).at_most(1).sees(kTransformGroups),
    }};

}  // namespace
}  // namespace clipig
