#include <algorithm>
#include <cmath>

#include "ops/colour.h"
#include "ops/transform.h"

namespace clipig {
namespace {

struct Erase final : Transform {
    Real2 area{.1, .4};
    Real2 ratio{.3, 3.3};
    Real3 color{.5, .5, .5};
    double p = .7;

    [[nodiscard]] Tensor apply(const Tensor& images, const ViewRandom& random) const override {
        const std::int64_t height = images.size(2), width = images.size(3);
        Tensor erased = at::zeros({random.views, 1, height, width}, images.options().dtype(at::kBool).requires_grad(false));
        for (std::int64_t view = 0; view < random.views; ++view) {
            Random stream = random.stream(view);
            const bool hit = stream.uniform() < p;
            const double pixels = stream.uniform(area[0], area[1]) * static_cast<double>(width * height);
            const double shape = std::exp(stream.uniform(std::log(ratio[0]), std::log(ratio[1])));
            const auto w = std::min(width, static_cast<std::int64_t>(std::llround(std::sqrt(pixels * shape))));
            const auto h = std::min(height, static_cast<std::int64_t>(std::llround(std::sqrt(pixels / shape))));
            const auto x = static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(width - w) + 1));
            const auto y = static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(height - h) + 1));
            if (hit) erased[view].narrow(1, y, h).narrow(2, x, w).fill_(true);
        }
        return at::where(erased, per_channel(color, images), repeat_views(images, random.views));
    }
};

const Register<Transform, Erase> registration{
    {
        .kind = "transform",
        .name = "erase",
        .summary = "Covers a random rectangle of a share of the views.",
        .details = "What the picture shows must then be seen from every part of it. Z. Zhong et al., \"Random erasing data augmentation\", "
                   "arXiv:1708.04896.",
        .example = "erase: {p: .9}",
        .fields = {},
        .keeps_resolution = true,
        .random = true,
    },
    {
        field("area", &Erase::area, ".1 .4", "Smallest and largest part of the view.").at_least(0).at_most(1).sees(kTransformGroups),
        field("ratio", &Erase::ratio, ".3 3.3", "Smallest and largest width, in heights.").more_than(0).sees(kTransformGroups),
        field("color", &Erase::color, ".5", "Red, green and blue of the rectangle.").unit("0..1").sees(kTransformGroups),
        field("p", &Erase::p, ".7", "Share of the views.").at_least(0).at_most(1).sees(kTransformGroups),
    }};

}  // namespace
}  // namespace clipig
