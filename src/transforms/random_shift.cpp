#include <algorithm>

#include "ops/geometry.h"

namespace clipig {
namespace {

struct RandomShift final : GeometricTransform {
    std::vector<double> offset;  ///< min max, or xmin xmax ymin ymax

    void compose(ViewGeometry& geometry, const ViewRandom& random) const override {
        const std::size_t y = offset.size() == 4 ? 2 : 0;
        std::vector<Int2> offsets;
        for (std::int64_t view = 0; view < random.views; ++view) {
            auto stream = random.stream(view);
            const auto dx = draw(stream, offset[0], offset[1], geometry.width());
            offsets.push_back({-dx, -draw(stream, offset[y], offset[y + 1], geometry.height())});
        }
        geometry.translate("random_shift", offsets, geometry.width(), geometry.height(), Outside::wrap);
    }

private:
    static std::int64_t draw(Random& stream, double a, double b, std::int64_t size) {
        const auto one = pixels_of(a, size), two = pixels_of(b, size);
        const auto low = std::min(one, two), high = std::max(one, two);
        return low + static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(high - low) + 1));
    }
};

const Register<Transform, RandomShift> registered{
    {.kind = "transform",
     .name = "random_shift",
     .summary = "Shifts the picture by a random number of whole pixels; what leaves on one side comes in on the other.",
     .details =
         "Both ends of a range may be drawn. An end between -1 and 1 is a fraction of the picture's width or height, others are pixels. "
         "Positive is to the right and down.",
     .example = "random_shift: -.1 .1",
     .fields = {},
     .keeps_resolution = true,
     .random = true},
    {required("offset", &RandomShift::offset, "Smallest and largest shift for both directions, or xmin xmax ymin ymax.")
         .counts({2, 4})
         .unit("pixels or fractions")
         .at_least(-1e9)
         .at_most(1e9)
         .sees(kTransformGroups)}};

}  // namespace
}  // namespace clipig
