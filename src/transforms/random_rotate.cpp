#include "ops/geometry.h"

namespace clipig {
namespace {

struct RandomRotate final : GeometricTransform {
    Real2 degree{};
    Real2 center{};
    std::string interpolation;

    void compose(ViewGeometry& geometry, const ViewRandom& random) const override {
        const auto width = static_cast<double>(geometry.width()), height = static_cast<double>(geometry.height());
        std::vector<Affine> maps;
        for (std::int64_t view = 0; view < random.views; ++view) {
            auto stream = random.stream(view);
            const double angle = stream.uniform(degree[0], degree[1]);
            const double x = stream.uniform(center[0], center[1]);
            const double y = stream.uniform(center[0], center[1]);
            maps.push_back(rotation(angle, x * width, y * height));
        }
        geometry.transform("random_rotate", std::move(maps), geometry.width(), geometry.height(), Outside::fill,
                           interpolation_named(interpolation));
    }
};

const Register<Transform, RandomRotate> registered{
    {.kind = "transform",
     .name = "random_rotate",
     .summary = "Turns the picture by a random angle about a random point.",
     .details = "Counter-clockwise; what comes in from outside is black. The resolution stays.",
     .example = "random_rotate: -10 10",
     .fields = {},
     .keeps_resolution = true,
     .random = true},
    {required("degree", &RandomRotate::degree, "Smallest and largest angle.").unit("degrees").sees(kTransformGroups),
     field("center", &RandomRotate::center, ".5 .5",
           "Range of the centre: x and y are drawn from it, 0 is left or top, 1 is right or bottom.")
         .unit("fractions")
         .sees(kTransformGroups),
     interpolation_field<RandomRotate>()}};

}  // namespace
}  // namespace clipig
