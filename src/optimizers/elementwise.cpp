#include "optimizers/elementwise.h"

#include <algorithm>

#include "base/error.h"

namespace clipig {

bool fusable(const Tensor& parameter, const Tensor& gradient, const std::vector<Tensor>& state) {
    const auto plain = [](const Tensor& t) { return t.is_cpu() && t.scalar_type() == at::kFloat && t.is_contiguous(); };
    return plain(parameter) && plain(gradient) && std::all_of(state.begin(), state.end(), plain);
}

void ElementwiseOptimizer::step(std::vector<Tensor>& parameters, const std::vector<Tensor>& gradients, double rate) {
    if (parameters.size() != gradients.size()) throw Error("optimizer: the number of gradients differs from that of the parameters");
    const at::NoGradGuard no_gradient;
    const auto state_names = names();
    ++steps_;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        if (parameters[i].sizes() != gradients[i].sizes()) throw Error("optimizer: gradient and parameter differ in shape");
        std::vector<Tensor> state;
        for (const auto& name : state_names) {
            auto& tensors = tensors_[name];
            if (tensors.size() <= i)
                tensors.push_back(at::zeros_like(parameters[i], at::MemoryFormat::Contiguous).set_requires_grad(false));
            if (tensors[i].sizes() != parameters[i].sizes()) {
                throw Error("optimizer: the state " + name + " has another shape than its parameter; resample it with the picture");
            }
            state.push_back(tensors[i]);
        }
        update(parameters[i], gradients[i].detach(), state, rate, steps_);
    }
}

std::map<std::string, std::vector<Tensor>> ElementwiseOptimizer::state() const {
    if (steps_ == 0) return {};
    auto all = tensors_;
    all["step"] = {at::scalar_tensor(steps_, at::kLong)};
    return all;
}

void ElementwiseOptimizer::set_state(std::map<std::string, std::vector<Tensor>> state) {
    const auto known = names();
    std::map<std::string, std::vector<Tensor>> taken;
    std::int64_t steps = 0;
    for (auto& [name, tensors] : state) {
        if (name == "step") {
            if (tensors.size() != 1 || tensors[0].numel() != 1) throw Error("optimizer: the state `step` must be one number");
            steps = tensors[0].item<std::int64_t>();
        } else if (std::find(known.begin(), known.end(), name) != known.end()) {
            for (const auto& tensor : tensors) taken[name].push_back(tensor.detach().clone(at::MemoryFormat::Contiguous));
        } else {
            throw Error("optimizer: the saved state `" + name + "` belongs to another optimizer");
        }
    }
    tensors_ = std::move(taken);
    steps_ = steps;
}

}  // namespace clipig
