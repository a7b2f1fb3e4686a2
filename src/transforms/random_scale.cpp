#include "ops/geometry.h"

namespace clipig {
namespace {

struct RandomScale final : GeometricTransform {
    Real2 scale{};
    std::string interpolation;

    void compose(ViewGeometry& geometry, const ViewRandom& random) const override {
        const double x = static_cast<double>(geometry.width()) / 2, y = static_cast<double>(geometry.height()) / 2;
        std::vector<Affine> maps;
        for (std::int64_t view = 0; view < random.views; ++view) {
            maps.push_back(zoom(random.stream(view).uniform(scale[0], scale[1]), x, y));
        }
        geometry.transform("random_scale", std::move(maps), geometry.width(), geometry.height(), Outside::fill,
                           interpolation_named(interpolation));
    }
};

const Register<Transform, RandomScale> registered{
    {.kind = "transform",
     .name = "random_scale",
     .summary = "Zooms by a random factor about the middle.",
     .details = "2 shows everything twice as large, .5 half as large with black around. The resolution stays.",
     .example = "random_scale: .5 1.5",
     .fields = {},
     .keeps_resolution = true,
     .random = true},
    {required("scale", &RandomScale::scale, "Smallest and largest factor.").more_than(0).sees(kTransformGroups),
     interpolation_field<RandomScale>()}};

}  // namespace
}  // namespace clipig
