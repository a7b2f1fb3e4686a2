#include "ops/colour.h"
#include "ops/transform.h"

namespace clipig {
namespace {

struct Fnoise final : Transform {
    Real3 std{};

    [[nodiscard]] Tensor apply(const Tensor& images, const ViewRandom& random) const override {
        // the transform is linear, so the noise can be transformed back by itself and the pixels keep their exact values
        const std::int64_t pixels = images.size(2) * images.size(3);
        const Tensor drawn = random.normal(images.size(1), 2, pixels / 2 + 1, images) * (per_channel(std, images) * 15);
        const Tensor noise = at::fft_irfft(at::complex(drawn.select(2, 0), drawn.select(2, 1)), pixels);
        const Tensor views = repeat_views(images, noise.size(0));
        return views + noise.view_as(views);
    }
};

const Register<Transform, Fnoise> registration{
    {
        .kind = "transform",
        .name = "fnoise",
        .summary = "Adds noise in the frequency domain.",
        .details = "Each channel is flattened row by row; n * 15 std is added to the real and to the imaginary part of its "
                   "one-dimensional Fourier transform, where n is normal noise.",
        .example = "fnoise: .1",
        .fields = {},
        .aliases = {},
        .keeps_resolution = true,
        .random = true,
    },
    {
        required("std", &Fnoise::std, "Standard deviation for red, green and blue; 15 times as much reaches the spectrum.")
            .sees(kTransformGroups),
    }};

}  // namespace
}  // namespace clipig
