#include "base/text.h"
#include "ops/colour.h"
#include "ops/constraint.h"

namespace clipig {
namespace {

struct SmoothnessConstraint final : Constraint {
    std::string mode;
    bool wrap = false;

    [[nodiscard]] Tensor value(const Tensor& images, const ViewRandom&) const override {
        const std::int64_t height = images.size(2) - 1, width = images.size(3) - 1;
        if (height < 1 || width < 1) return (images * 0).flatten(1).sum(1);
        const auto inner = [&](const Tensor& x) { return wrap ? x : x.narrow(2, 0, height).narrow(3, 0, width); };
        const Tensor across = inner(images.roll(-1, 3) - images), down = inner(images.roll(-1, 2) - images);
        // 1e-8: the root has no slope at 0
        const Tensor length = ((across.square() + down.square()).sum({1}, true) + 1e-8).sqrt();
        const std::string word = lower(mode);
        return view_mean(word == "clipped" ? length.clamp_max(.5) : word == "log" ? (length * 10 + 1).log() / 10 : length) * 100;
    }
};

const RegisterConstraint<SmoothnessConstraint> registration{
    {
        .kind = "constraint",
        .name = "smoothness",
        .summary = "The mean length of the gradient of the picture, with edges spared if wanted.",
        .details =
            "100 * mean(|grad x|). `clipped` counts at most .5 and `log` log(1 + 10 |grad x|) / 10, so that strong edges cost little. "
            "`loss` has no meaning here.",
        .example = "smoothness: {mode: log, weight: .1}",
        .fields = {},
    },
    {
        field("mode", &SmoothnessConstraint::mode, "plain", "plain, clipped or log.").choices({"plain", "clipped", "log"}),
        field("wrap", &SmoothnessConstraint::wrap, "false", "Opposite edges are neighbours, as on a tile.").named_only(),
    }};

}  // namespace
}  // namespace clipig
