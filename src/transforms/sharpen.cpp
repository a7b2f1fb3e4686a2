#include "ops/blur_kernel.h"
#include "ops/transform.h"

namespace clipig {
namespace {

struct Sharpen final : Transform, BlurSettings {
    double amount = 1;

    [[nodiscard]] Tensor apply(const Tensor& images, const ViewRandom&) const override {
        return images + (images - gaussian_blur(images, *this)) * amount;
    }
};

std::vector<Field<Sharpen>> sharpen_fields() {
    std::vector<Field<Sharpen>> fields{
        field("amount", &Sharpen::amount, "1", "How much of the difference is added.").sees(kTransformGroups)};
    for (auto& field : blur_fields<Sharpen>(kTransformGroups)) fields.push_back(std::move(field));
    fields.push_back(blur_wrap_field<Sharpen>());
    return fields;
}

const Register<Transform, Sharpen> registration{{
                                                    .kind = "transform",
                                                    .name = "sharpen",
                                                    .summary = "Adds the difference from a blurred copy.",
                                                    .details = "x + amount (x - blur(x)), an unsharp mask. Values may leave 0..1.",
                                                    .example = "sharpen: {amount: .5, kernel_size: 5}",
                                                    .fields = {},
                                                    .keeps_resolution = true,
                                                },
                                                sharpen_fields()};

}  // namespace
}  // namespace clipig
