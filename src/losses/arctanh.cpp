#include "ops/loss.h"

namespace clipig {
namespace {

struct Arctanh final : Loss {
    [[nodiscard]] Tensor value(const Tensor& views, const Tensor& feature) const override {
        const auto length = [](const Tensor& v) { return v.square().sum(-1).clamp_min(1e-16).sqrt(); };
        const Tensor cosine = (views * feature).sum(-1) / (length(views) * length(feature));
        return 1 - cosine.clamp(-.9999, .9999).atanh();
    }
};

const Register<Loss, Arctanh> registration{
    {
        .kind = "loss",
        .name = "arctanh",
        .summary = "One minus the area hyperbolic tangent of the cosine: views that are good already pull harder.",
        .details = "1 - atanh(v f / (|v| |f|)), with the cosine held within +-0.9999. Its slope is that of cosine divided by 1 - cosine^2.",
        .example = "loss: arctanh",
        .fields = {},
    },
    {}};

}  // namespace
}  // namespace clipig
