#include "base/error.h"
#include "ops/colour.h"
#include "ops/constraint.h"

namespace clipig {
namespace {

struct PaletteConstraint final : Constraint {
    std::vector<double> colors;

    [[nodiscard]] Tensor value(const Tensor& images, const ViewRandom&) const override {
        if (colors.empty() || colors.size() % 3 != 0) {
            throw InputError("palette: `colors` lists red, green and blue of each colour, so 3, 6, 9 ... numbers");
        }
        return distance(images, nearest(images.detach())) * 100;
    }

private:
    [[nodiscard]] Tensor nearest(const Tensor& images) const {
        Tensor best, found;
        for (std::size_t k = 0; k < colors.size(); k += 3) {
            const Tensor colour = per_channel({colors[k], colors[k + 1], colors[k + 2]}, images);
            const Tensor away = (images - colour).square().sum({1}, true);
            const Tensor closer = k == 0 ? at::ones_like(away, at::kBool) : away < best;
            found = k == 0 ? colour.expand_as(images) : at::where(closer, colour, found);
            best = k == 0 ? away : at::minimum(best, away);
        }
        return found;
    }
};

const RegisterConstraint<PaletteConstraint> registration{
    {
        .kind = "constraint",
        .name = "palette",
        .summary = "Pulls each pixel to the nearest of a few colours.",
        .details = "100 * loss(x, nearest colour). For pictures of nothing but these colours see `pixels: palette`.",
        .example = "palette: {colors: [0, 0, 0, .8, .1, .1, 1, 1, .9]}",
        .fields = {},
    },
    {
        required("colors", &PaletteConstraint::colors, "Red, green and blue of the first colour, of the second, ...")
            .unit("0..1")
            .sees(kConstraintGroups),
    }};

}  // namespace
}  // namespace clipig
