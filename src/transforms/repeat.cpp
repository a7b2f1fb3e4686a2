#include "ops/geometry.h"

namespace clipig {
namespace {

struct Repeat final : GeometricTransform {
    Int2 count{};

    void compose(ViewGeometry& geometry, const ViewRandom&) const override {
        geometry.translate("repeat", {{0, 0}}, geometry.width() * count[0], geometry.height() * count[1], Outside::wrap);
    }
};

const Register<Transform, Repeat> registered{
    {.kind = "transform", .name = "repeat", .summary = "Tiles the picture to the right and below.", .example = "repeat: 2 2", .fields = {}},
    {required("count", &Repeat::count, "How many times the picture stands side by side, and one below the other.")
         .at_least(1)
         .at_most(1 << 20)
         .sees(kTransformGroups)}};

}  // namespace
}  // namespace clipig
