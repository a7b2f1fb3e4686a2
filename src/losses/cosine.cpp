#include "ops/loss.h"

namespace clipig {
namespace {

struct Cosine final : Loss {
    [[nodiscard]] Tensor value(const Tensor& views, const Tensor& feature) const override {
        static constexpr double kSmallest = 1e-8;  // as torch.nn.functional.cosine_similarity: no division by a norm of 0
        const auto length = [](const Tensor& v) { return v.square().sum(-1).clamp_min(kSmallest * kSmallest).sqrt(); };
        return 1 - (views * feature).sum(-1) / (length(views) * length(feature));
    }
};

const Register<Loss, Cosine> registration{
    {
        .kind = "loss",
        .name = "cosine",
        .summary = "One minus the cosine of the angle between view and feature.",
        .details = "1 - v f / (|v| |f|): 0 for the same direction, 1 for unrelated, 2 for opposite ones.",
        .example = "loss: cosine",
        .fields = {},
        .aliases = {},
    },
    {}};

}  // namespace
}  // namespace clipig
