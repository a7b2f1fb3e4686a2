#include "ops/geometry.h"

namespace clipig {
namespace {

struct Crop final : GeometricTransform {
    Real4 xywh{};

    void compose(ViewGeometry& geometry, const ViewRandom&) const override {
        const auto width = geometry.width(), height = geometry.height();
        geometry.translate("crop", {{pixels_of(xywh[0], width), pixels_of(xywh[1], height)}}, pixels_of(xywh[2], width),
                           pixels_of(xywh[3], height), Outside::fill);
    }
};

const Register<Transform, Crop> registered{
    {.kind = "transform",
     .name = "crop",
     .summary = "Cuts out a rectangle.",
     .details = "Numbers below 1 are fractions of the picture's width or height, others are pixels; fractions of a pixel are dropped. "
                "What lies outside of the picture is black.",
     .example = "crop: .25 .25 .5 .5",
     .fields = {}},
    {required("xywh", &Crop::xywh, "Left, top, width and height.").unit("pixels or fractions").sees(kTransformGroups)}};

}  // namespace
}  // namespace clipig
