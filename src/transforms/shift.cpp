#include "ops/geometry.h"

namespace clipig {
namespace {

struct Shift final : GeometricTransform {
    Real2 offset{};

    void compose(ViewGeometry& geometry, const ViewRandom&) const override {
        geometry.translate("shift", {{-pixels_of(offset[0], geometry.width()), -pixels_of(offset[1], geometry.height())}}, geometry.width(),
                           geometry.height(), Outside::wrap);
    }
};

const Register<Transform, Shift> registered{
    {.kind = "transform",
     .name = "shift",
     .summary = "Shifts the picture by whole pixels; what leaves on one side comes in on the other.",
     .details =
         "Numbers between -1 and 1 are fractions of the picture's width or height, others are pixels. Positive is to the right and down.",
     .example = "shift: .25 -3",
     .fields = {},
     .keeps_resolution = true},
    {required("offset", &Shift::offset, "How far to the right, and down.")
         .unit("pixels or fractions")
         .at_least(-1e9)
         .at_most(1e9)
         .sees(kTransformGroups)}};

}  // namespace
}  // namespace clipig
