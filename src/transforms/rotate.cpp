#include "ops/geometry.h"

namespace clipig {
namespace {

struct Rotate final : GeometricTransform {
    double degree = 0;
    Real2 center{};
    std::string interpolation;

    void compose(ViewGeometry& geometry, const ViewRandom&) const override {
        const auto width = static_cast<double>(geometry.width()), height = static_cast<double>(geometry.height());
        geometry.transform("rotate", {rotation(degree, center[0] * width, center[1] * height)}, geometry.width(), geometry.height(),
                           Outside::fill, interpolation_named(interpolation));
    }
};

const Register<Transform, Rotate> registered{
    {.kind = "transform",
     .name = "rotate",
     .summary = "Turns the picture counter-clockwise.",
     .details = "What comes in from outside is black. The resolution stays.",
     .example = "rotate: {degree: 30}",
     .fields = {},
     .keeps_resolution = true},
    {required("degree", &Rotate::degree, "The angle.").unit("degrees").sees(kTransformGroups),
     field("center", &Rotate::center, ".5", "The point about which it turns: 0 is left or top, 1 is right or bottom.")
         .unit("fractions")
         .sees(kTransformGroups),
     interpolation_field<Rotate>()}};

}  // namespace
}  // namespace clipig
