#include "ops/constraint.h"

namespace clipig {
namespace {

struct TvConstraint final : Constraint {
    bool wrap = false;

    [[nodiscard]] Tensor value(const Tensor& images, const ViewRandom&) const override {
        Tensor total = images.new_zeros({images.size(0)});
        for (const std::int64_t dimension : {2, 3}) {
            const std::int64_t pairs = images.size(dimension) - 1;
            if (pairs < 1) continue;
            total = total + (wrap ? distance(images.roll(-1, dimension), images)
                                  : distance(images.narrow(dimension, 1, pairs), images.narrow(dimension, 0, pairs)));
        }
        return total * 100;
    }
};

const RegisterConstraint<TvConstraint> registration{
    {
        .kind = "constraint",
        .name = "tv",
        .summary = "Total variation: how much neighbouring pixels differ.",
        .details = "100 * (loss between neighbours across + loss between neighbours down). `loss: l1` keeps sharp edges and removes grain, "
                   "l2 makes everything soft. Rudin, Osher, Fatemi, \"Nonlinear total variation based noise removal algorithms\", 1992.",
        .example = "tv: {weight: .05, loss: l1}",
        .fields = {},
    },
    {
        field("wrap", &TvConstraint::wrap, "false", "Opposite edges are neighbours, as on a tile.").named_only(),
    }};

}  // namespace
}  // namespace clipig
