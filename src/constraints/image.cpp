#include "ops/constraint.h"
#include "ops/picture_source.h"
#include "ops/resample.h"

namespace clipig {
namespace {

struct ImageConstraint final : Constraint {
    std::string picture;

    [[nodiscard]] Tensor value(const Tensor& images, const ViewRandom&) const override {
        const Tensor wanted = picture_source(picture, "image").to(images.options().requires_grad(false));
        return distance(images, resize_images(wanted, images.size(2), images.size(3), "cubic", true).expand_as(images)) * 100;
    }
};

const RegisterConstraint<ImageConstraint> registration{{
    .kind = "constraint",
    .name = "image",
    .summary = "Pulls the picture towards another one.",
    .details = "100 * loss(x, the picture resized to the view). Works on views: give it a target without random transforms.",
    .example = "image: {picture: \"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAAGElEQVR42mPQWGADRwxA"
               "fEdDA4iwceAIALjjEOGjTB/RAAAAAElFTkSuQmCC\", weight: .5}",
    .fields = {},
}, {
    required("picture", &ImageConstraint::picture, "A picture file, or `data:image/png;base64,...`."),
}};

}  // namespace
}  // namespace clipig
