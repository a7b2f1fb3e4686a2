#include "ops/geometry.h"

namespace clipig {
namespace {

struct Resize final : GeometricTransform {
    Int2 size{};
    std::string interpolation;

    void compose(ViewGeometry& geometry, const ViewRandom&) const override {
        geometry.resize("resize", size[0], size[1], interpolation_named(interpolation));
    }
};

const Register<Transform, Resize> registered{
    {.kind = "transform",
     .name = "resize",
     .summary = "Scales the picture to a size.",
     .details = "The proportions are not kept. The kernel is widened where a side shrinks, so that nothing is skipped (antialiasing).",
     .example = "resize: 224",
     .fields = {}},
    {required("size", &Resize::size, "Width and height of the result.").at_least(1).unit("pixels").sees(kTransformGroups),
     interpolation_field<Resize>()}};

}  // namespace
}  // namespace clipig
