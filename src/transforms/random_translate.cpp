#include "ops/geometry.h"

namespace clipig {
namespace {

struct RandomTranslate final : GeometricTransform {
    Real2 offset{};
    std::string interpolation;

    void compose(ViewGeometry& geometry, const ViewRandom& random) const override {
        const double x = offset[0] * static_cast<double>(geometry.width()), y = offset[1] * static_cast<double>(geometry.height());
        std::vector<Affine> maps;
        for (std::int64_t view = 0; view < random.views; ++view) {
            auto stream = random.stream(view);
            const double dx = stream.uniform(-x, x);
            maps.push_back({1, 0, -dx, 0, 1, -stream.uniform(-y, y)});
        }
        geometry.transform("random_translate", std::move(maps), geometry.width(), geometry.height(), Outside::fill,
                           interpolation_named(interpolation));
    }
};

const Register<Transform, RandomTranslate> registered{
    {.kind = "transform",
     .name = "random_translate",
     .summary = "Moves the picture by a random distance, with black coming in.",
     .details =
         "The distance is uniform within +-a of the width and +-b of the height, fractions of a pixel included. The resolution stays.",
     .example = "random_translate: .1 .1",
     .fields = {},
     .keeps_resolution = true,
     .random = true},
    {required("offset", &RandomTranslate::offset, "Largest distance to the sides, and up or down.")
         .at_least(0)
         .unit("fractions of the size")
         .sees(kTransformGroups),
     interpolation_field<RandomTranslate>()}};

}  // namespace
}  // namespace clipig
