#include <cmath>
#include <numbers>

#include "ops/colour.h"
#include "ops/warp.h"

namespace clipig {
namespace {

struct Hue final : Transform {
    Real2 degrees{-10, 10};
    double p = 1;

    [[nodiscard]] Tensor apply(const Tensor& images, const ViewRandom& random) const override {
        // a turn about the grey axis: cos x + (1 - cos) mean(x) + sin (k cross x), k = (1, 1, 1) / sqrt(3)
        std::vector<double> cosines, sines;
        for (const double angle : drawn_numbers(random, degrees, p, 0)) {
            cosines.push_back(std::cos(angle * std::numbers::pi / 180));
            sines.push_back(std::sin(angle * std::numbers::pi / 180) / std::numbers::sqrt3);
        }
        const Tensor views = repeat_views(images, random.views);
        const Tensor red = views.narrow(1, 0, 1), green = views.narrow(1, 1, 1), blue = views.narrow(1, 2, 1);
        const Tensor c = view_numbers(cosines, images), s = view_numbers(sines, images);
        const Tensor rest = (red + green + blue) / 3 * (1 - c);
        return at::cat({red * c + (blue - green) * s + rest, green * c + (red - blue) * s + rest, blue * c + (green - red) * s + rest}, 1);
    }
};

const Register<Transform, Hue> registration{
    {
        .kind = "transform",
        .name = "hue",
        .summary = "Turns the hues of each view by a random angle.",
        .details = "A turn of RGB about the grey axis: 120 degrees make green of red, blue of green, red of blue.",
        .example = "hue: -20 20",
        .fields = {},
        .keeps_resolution = true,
        .random = true,
    },
    {
        field("degrees", &Hue::degrees, "-10 10", "Smallest and largest angle.").unit("degrees").sees(kTransformGroups),
        field("p", &Hue::p, "1", "Share of the views.").at_least(0).at_most(1).sees(kTransformGroups),
    }};

}  // namespace
}  // namespace clipig
