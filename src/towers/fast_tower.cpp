#include "towers/fast_tower.h"

#include <torch/csrc/autograd/custom_function.h>

#include <utility>

#include "base/error.h"

namespace clipig {
namespace {

/// Carries a tape, and the network that it belongs to, through autograd's saved values.
struct TapeHolder : torch::CustomClassHolder {
    TapeHolder(std::shared_ptr<const FastNetwork> made_by, std::unique_ptr<Tape> made)
        : network(std::move(made_by)), tape(std::move(made)) {}
    std::shared_ptr<const FastNetwork> network;
    std::unique_ptr<Tape> tape;
};

struct NetworkFunction : torch::autograd::Function<NetworkFunction> {
    static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& views, std::shared_ptr<const FastNetwork> network) {
        const Tensor input = views.contiguous();
        Tensor features = at::empty({input.size(0), network->embedding()}, input.options());
        auto tape = network->forward(input.size(0), input.data_ptr<float>(), features.data_ptr<float>(), true);
        context->saved_data["shape"] = input.sizes().vec();
        context->saved_data["tape"] = c10::IValue::make_capsule(c10::make_intrusive<TapeHolder>(std::move(network), std::move(tape)));
        return features;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   const torch::autograd::variable_list& gradients) {
        const auto held = context->saved_data["tape"].toCapsule();
        const auto& holder = static_cast<const TapeHolder&>(*held);
        const Tensor gradient = gradients[0].contiguous();
        Tensor views = at::empty(context->saved_data["shape"].toIntVector(), gradient.options());
        holder.network->backward(*holder.tape, views.size(0), gradient.data_ptr<float>(), views.data_ptr<float>());
        return {views, Tensor()};
    }
};

class FastTower : public ImageTower {
public:
    FastTower(std::shared_ptr<const FastNetwork> network, std::int64_t parameters)
        : network_(std::move(network)), parameters_(parameters) {}

    [[nodiscard]] Tensor forward(const Tensor& views) const override {
        if (views.scalar_type() != at::kFloat || !views.device().is_cpu()) throw Error("views must be float32 on the CPU");
        if (at::GradMode::is_enabled() && views.requires_grad()) return NetworkFunction::apply(views, network_);
        const Tensor input = views.contiguous();
        Tensor features = at::empty({input.size(0), network_->embedding()}, input.options());
        network_->forward(input.size(0), input.data_ptr<float>(), features.data_ptr<float>(), false);
        return features;
    }
    [[nodiscard]] std::int64_t parameters() const override { return parameters_; }

private:
    std::shared_ptr<const FastNetwork> network_;
    std::int64_t parameters_;
};

}  // namespace

PackedLayer::PackedLayer(const Tensor& weight, const Tensor& bias, NumberType type) {
    const Tensor w = weight.to(at::kFloat).contiguous();
    const Tensor b = bias.defined() ? bias.to(at::kFloat).contiguous() : bias;
    const auto out = w.size(0), in = w.numel() / w.size(0);
    forward = PackedMatrix(w.data_ptr<float>(), in, out, 1, in, b.defined() ? b.data_ptr<float>() : nullptr, type);
    backward = PackedMatrix(w.data_ptr<float>(), out, in, in, 1, nullptr, type);
}

std::unique_ptr<ImageTower> make_fast_tower(std::shared_ptr<const FastNetwork> network, std::int64_t parameters) {
    return std::make_unique<FastTower>(std::move(network), parameters);
}

}  // namespace clipig
