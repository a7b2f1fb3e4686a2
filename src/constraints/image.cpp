#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "ops/colour.h"
#include "ops/constraint.h"
#include "ops/dct.h"
#include "ops/device_copy.h"
#include "ops/picture_source.h"
#include "ops/resample.h"

namespace clipig {
namespace {

struct ImageConstraint final : Constraint {
    std::string picture;
    double falloff = 1;

    [[nodiscard]] Tensor value(const Tensor& images, const ViewRandom&) const override {
        const Tensor wanted = copy_to_device(picture_source(picture, "image"), images.options());
        const Tensor fitting = resize_images(wanted, images.size(2), images.size(3), "cubic", true);
        if (lower(loss) != "dct") return distance(images, fitting.expand_as(images)) * 100;
        return view_mean((dct2(images - fitting) * weights(images)).square()) * 100;
    }

private:
    /// (1 + k)^-falloff for each coefficient: [H,W].
    [[nodiscard]] Tensor weights(const Tensor& images) const {
        const auto shorter = static_cast<double>(std::min(images.size(2), images.size(3)));
        const auto squares = [shorter](std::int64_t length) {
            return (at::arange(length, at::kDouble) * (shorter / static_cast<double>(length))).square();
        };
        const Tensor k = (squares(images.size(2)).unsqueeze(1) + squares(images.size(3))).sqrt();
        return copy_to_device((k + 1).pow(-falloff), images.options());
    }
};

const RegisterConstraint<ImageConstraint> registration{
    {
        .kind = "constraint",
        .name = "image",
        .summary = "Pulls the picture towards another one.",
        .details =
            "100 * loss(x, the picture resized to the view). Works on views: give it a target without random transforms.\n"
            "`loss: dct` is 100 * mean((c / (1 + k)^falloff)^2), where c are the coefficients of the orthonormal DCT-II of the difference "
            "and k is\n"
            "their frequency in half waves along the shorter side: composition and colours follow the picture, details are free. With\n"
            "`falloff: 0` it is l2.",
        .example = "image: {picture: \"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAAGElEQVR42mPQWGADRwxA"
                   "fEdDA4iwceAIALjjEOGjTB/RAAAAAElFTkSuQmCC\", weight: .5, loss: dct}",
        .fields = {},
    },
    {
        required("picture", &ImageConstraint::picture, "A picture file, or `data:image/png;base64,...`."),
    },
    {
        .doc = "Mean squared (l2, mse) or mean absolute (l1, mae) difference, or that of low frequencies above all (dct).",
        .choices = {"l2", "mse", "l1", "mae", "dct"},
    },
    {
        field("falloff", &ImageConstraint::falloff, "1", "For `loss: dct`: higher leaves more of the details free.")
            .at_least(0)
            .at_most(16)
            .sees(kConstraintGroups)
            .named_only(),
    }};

}  // namespace
}  // namespace clipig
