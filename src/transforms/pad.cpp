#include "ops/geometry.h"

namespace clipig {
namespace {

struct Pad final : GeometricTransform {
    Int2 size{};
    Real3 color{};
    std::string mode = "fill";

    void compose(ViewGeometry& geometry, const ViewRandom&) const override {
        geometry.translate("pad", {{-size[0], -size[1]}}, geometry.width() + 2 * size[0], geometry.height() + 2 * size[1],
                           outside_named(mode), color);
    }
};

const Register<Transform, Pad> registered{
    {.kind = "transform",
     .name = "pad",
     .summary = "Adds pixels around the picture.",
     .details = "`mode: fill` adds the colour, `edge` repeats the outermost pixels, `wrap` goes on with the opposite side.",
     .example = "pad: {size: 32, color: .5}",
     .fields = {}},
    {required("size", &Pad::size, "Columns to the left and to the right; rows above and below.")
         .at_least(0)
         .at_most(1 << 20)
         .unit("pixels")
         .sees(kTransformGroups),
     field("color", &Pad::color, "0", "Red, green and blue of the added pixels.").unit("0..1").sees(kTransformGroups),
     field("mode", &Pad::mode, "fill", "What is added.").choices({"fill", "edge", "wrap"}).sees(kTransformGroups)}};

}  // namespace
}  // namespace clipig
