#include "ops/geometry.h"

namespace clipig {
namespace {

struct Flip final : GeometricTransform {
    double p = .5;
    bool vertical = false;

    void compose(ViewGeometry& geometry, const ViewRandom& random) const override {
        const auto width = static_cast<double>(geometry.width()), height = static_cast<double>(geometry.height());
        std::vector<Affine> maps;
        for (std::int64_t view = 0; view < random.views; ++view) {
            Affine map;
            if (random.stream(view).uniform() < p) map = vertical ? Affine{1, 0, 0, 0, -1, height} : Affine{-1, 0, width, 0, 1, 0};
            maps.push_back(map);
        }
        geometry.transform("flip", std::move(maps), geometry.width(), geometry.height(), Outside::fill, Interpolation::nearest);
    }
};

const Register<Transform, Flip> registered{{.kind = "transform",
                                            .name = "flip",
                                            .summary = "Mirrors a share of the views left to right, or top to bottom.",
                                            .example = "flip: .5",
                                            .fields = {},
                                            .keeps_resolution = true,
                                            .random = true},
                                           {field("p", &Flip::p, ".5", "Share of the views.").at_least(0).at_most(1).sees(kTransformGroups),
                                            field("vertical", &Flip::vertical, "false", "Top to bottom instead.")}};

}  // namespace
}  // namespace clipig
