#include <cmath>

#include "ops/geometry.h"

namespace clipig {
namespace {

struct CenterCrop final : GeometricTransform {
    Int2 size{};

    void compose(ViewGeometry& geometry, const ViewRandom&) const override {
        const Int2 offset{start(geometry.width(), size[0]), start(geometry.height(), size[1])};
        geometry.translate("center_crop", {offset}, size[0], size[1], Outside::fill);
    }

private:
    /// As torchvision rounds: half to even for a smaller window, the larger half of the padding to the right and below.
    static std::int64_t start(std::int64_t have, std::int64_t want) {
        if (want > have) return -((want - have) / 2);
        return static_cast<std::int64_t>(std::nearbyint(static_cast<double>(have - want) / 2));
    }
};

const Register<Transform, CenterCrop> registered{
    {.kind = "transform",
     .name = "center_crop",
     .summary = "Cuts a window out of the middle.",
     .details = "A window that is larger than the picture is padded with black.",
     .example = "center_crop: 224",
     .fields = {}},
    {required("size", &CenterCrop::size, "Width and height of the window.").at_least(1).unit("pixels").sees(kTransformGroups)}};

}  // namespace
}  // namespace clipig
