#include "loss.h"

namespace clipig::mini {
namespace {

/// Mean of -sum target log softmax(logits) over the rows that have a target.
Tensor cross_entropy(const Tensor& logits, const Tensor& targets) {
    const Tensor rows = targets.sum(1).sum().clamp_min(1);
    return -(targets * at::log_softmax(logits, 1)).sum() / rows;
}

}  // namespace

Loss loss_of(const Batch& batch, const Tensor& views, const Tensor& texts, const Model& model, double weight) {
    constexpr double kNever = -1e4;
    const Tensor scale = model.scale();
    const Tensor logits = (at::matmul(views, texts.t()) * scale).masked_fill(batch.also_right, kNever);
    const Tensor own = at::eye(logits.size(0), logits.options().requires_grad(false));
    Tensor total = (cross_entropy(logits, own) + cross_entropy(logits.t(), own)) / 2;
    Loss loss;
    loss.contrast = total.item<double>();
    const Tensor itself = at::arange(logits.size(0), batch.also_right.options().dtype(at::kLong));
    loss.right = logits.detach().argmax(1).eq(itself).to(at::kDouble).mean().item<double>();
    if (weight > 0) {
        const Tensor proxies = model.proxies().t() * scale;
        const Tensor pictures = cross_entropy(at::matmul(views, proxies), batch.picture_targets);
        total = total + (pictures + cross_entropy(at::matmul(texts, proxies), batch.caption_targets)) * (weight / 2);
    }
    loss.total = total;
    return loss;
}

}  // namespace clipig::mini
