#include "attack.h"

#include <torch/csrc/autograd/autograd.h>

#include "base/random.h"

namespace clipig::mini {
namespace {

constexpr std::uint32_t kAttackStream = 3;

/// [N,1,1,1], never 0
Tensor lengths_of(const Tensor& x) { return x.flatten(1).norm(2, 1).clamp_min(1e-20).view({-1, 1, 1, 1}); }

}  // namespace

Tensor attacked_once(const Tensor& views, const Tensor& gradient, double length, std::uint64_t seed, std::uint32_t epoch) {
    const at::NoGradGuard frozen;
    const auto count = views.size(0);
    Random random({.seed = seed, .epoch = epoch, .target = kAttackStream});
    Tensor lengths = at::empty({count, 1, 1, 1});
    for (std::int64_t i = 0; i < count; ++i) lengths.data_ptr<float>()[i] = static_cast<float>(length * random.uniform(0.5, 1));
    return (views + gradient / lengths_of(gradient) * lengths.to(views.device())).clamp(0, 1);
}

Tensor attacked(const ClipModel& model, const Tensor& views, const Tensor& captions, const Tensor& own, double length, int steps) {
    constexpr double kSharpness = 20;  // of the softmax; only directions count
    Tensor moved = views.clone();
    for (int i = 0; i < steps; ++i) {
        Tensor shown = moved.detach().requires_grad_(true);
        const Tensor features = model.encode_image(shown);
        const Tensor logits = at::matmul(features / features.norm(2, 1, true), captions.t()) * kSharpness;
        const Tensor loss = -at::log_softmax(logits, 1).gather(1, own.unsqueeze(1)).sum();
        const Tensor gradient = torch::autograd::grad({loss}, {shown})[0];
        const at::NoGradGuard frozen;
        const Tensor change = moved + gradient / lengths_of(gradient) * (2.5 * length / steps) - views;
        moved = (views + change * (length / lengths_of(change)).clamp_max(1)).clamp(0, 1);
    }
    return moved;
}

}  // namespace clipig::mini
