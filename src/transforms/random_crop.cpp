#include "base/error.h"
#include "ops/geometry.h"

namespace clipig {
namespace {

struct RandomCrop final : GeometricTransform {
    Int2 size{};

    void compose(ViewGeometry& geometry, const ViewRandom& random) const override {
        const auto room_x = geometry.width() - size[0], room_y = geometry.height() - size[1];
        if (room_x < 0 || room_y < 0) {
            throw InputError("random_crop: a window of " + std::to_string(size[0]) + " x " + std::to_string(size[1]) +
                             " pixels does not fit into a picture of " + std::to_string(geometry.width()) + " x " +
                             std::to_string(geometry.height()) + "; crop less, or put a pad or resize before it");
        }
        std::vector<Int2> offsets;
        for (std::int64_t view = 0; view < random.views; ++view) {
            auto stream = random.stream(view);
            const auto x = static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(room_x) + 1));
            offsets.push_back({x, static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(room_y) + 1))});
        }
        geometry.translate("random_crop", offsets, size[0], size[1], Outside::fill);
    }
};

const Register<Transform, RandomCrop> registered{
    {.kind = "transform",
     .name = "random_crop",
     .summary = "Cuts out a window at a random position.",
     .details = "All whole-pixel positions within the picture are equally likely. The window must fit into the picture.",
     .example = "random_crop: 224",
     .fields = {},
     .random = true},
    {required("size", &RandomCrop::size, "Width and height of the window.").at_least(1).unit("pixels").sees(kTransformGroups)}};

}  // namespace
}  // namespace clipig
