#include <algorithm>
#include <cmath>
#include <deque>

#include "base/error.h"
#include "ops/fixed_sum.h"
#include "ops/optimizer.h"

namespace clipig {
namespace {

/// All parameters as one row [1, numbers].
Tensor row_of(const std::vector<Tensor>& tensors) {
    std::vector<Tensor> flat;
    for (const Tensor& tensor : tensors) flat.push_back(tensor.detach().reshape({1, -1}));
    return at::cat(flat, 1);
}

struct Lbfgs final : Optimizer {
    std::int64_t history = 10;
    double curvature = 1e-4;

    [[nodiscard]] double base_rate() const override { return 0.02; }
    [[nodiscard]] std::vector<std::string> non_negative() const override { return {}; }

    void step(std::vector<Tensor>& parameters, const std::vector<Tensor>& gradients, double rate) override {
        const at::NoGradGuard no_gradient;
        const Tensor x = row_of(parameters), g = row_of(gradients);
        if (x.sizes() != g.sizes()) throw Error("optimizer: gradient and parameter differ in shape");
        remember(x, g);
        Tensor direction = quasi_newton(g);
        if (!(dot_product(direction, g) < 0)) {  // what is remembered leads uphill
            changes_.clear();
            direction = -g;
        }
        const double length = root_mean_square(direction);
        // without a memory the gradient's scale means nothing; with one, the step's length is known, up to the rate
        const double scale = length == 0 ? 0 : changes_.empty() ? rate / length : std::min(1.0, rate / length);
        std::int64_t begin = 0;
        for (Tensor& parameter : parameters) {
            parameter.add_(direction.narrow(1, begin, parameter.numel()).view_as(parameter), scale);
            begin += parameter.numel();
        }
        ++steps_;
    }

    [[nodiscard]] std::map<std::string, std::vector<Tensor>> state() const override {
        if (steps_ == 0) return {};
        std::map<std::string, std::vector<Tensor>> all{{"step", {at::scalar_tensor(steps_, at::kLong)}}};
        if (position_.defined()) all["position"] = {position_}, all["gradient"] = {gradient_};
        for (const Change& change : changes_) all["moves"].push_back(change.move), all["differences"].push_back(change.difference);
        return all;
    }

    void set_state(std::map<std::string, std::vector<Tensor>> state) override {
        std::map<std::string, std::vector<Tensor>> taken;
        for (auto& [name, tensors] : state) {
            if (name != "step" && name != "position" && name != "gradient" && name != "moves" && name != "differences") {
                throw Error("optimizer: the saved state `" + name + "` belongs to another optimizer");
            }
            for (const Tensor& tensor : tensors) taken[name].push_back(tensor.detach().clone(at::MemoryFormat::Contiguous));
        }
        const bool one_each = taken["position"].size() == taken["gradient"].size() && taken["position"].size() <= 1;
        if (taken["step"].size() > 1 || !one_each || taken["moves"].size() != taken["differences"].size()) {
            throw Error("optimizer: the saved state of lbfgs is not whole");
        }
        steps_ = taken["step"].empty() ? 0 : taken["step"][0].item<std::int64_t>();
        position_ = taken["position"].empty() ? Tensor() : taken["position"][0];
        gradient_ = taken["gradient"].empty() ? Tensor() : taken["gradient"][0];
        changes_.clear();
        for (std::size_t i = 0; i < taken["moves"].size(); ++i) changes_.push_back({taken["moves"][i], taken["differences"][i]});
    }

private:
    struct Change {
        Tensor move, difference;  ///< of position and gradient, [1, numbers]
    };

    void remember(const Tensor& x, const Tensor& g) {
        const auto fits = [&](const Tensor& tensor) { return tensor.sizes() == x.sizes(); };
        if (position_.defined() && fits(position_) &&
            std::all_of(changes_.begin(), changes_.end(), [&](const Change& c) { return fits(c.move); })) {
            const Change change{x - position_, g - gradient_};
            const double along = dot_product(change.move, change.difference);
            const double most = std::sqrt(dot_product(change.move, change.move) * dot_product(change.difference, change.difference));
            // a noisy or concave change says nothing of a valley's width
            if (along > curvature * most && along > 0) changes_.push_back(change);
            while (static_cast<std::int64_t>(changes_.size()) > history) changes_.pop_front();
        } else {
            changes_.clear();  // of a picture of another size
        }
        position_ = x.clone();
        gradient_ = g.clone();
    }

    /// The two loops of Nocedal (1980): minus the inverse Hessian, as far as it is known, times g.
    [[nodiscard]] Tensor quasi_newton(const Tensor& g) const {
        Tensor q = g.clone();
        std::vector<double> alphas(changes_.size());
        for (std::size_t i = changes_.size(); i-- > 0;) {
            const auto& [move, difference] = changes_[i];
            alphas[i] = dot_product(move, q) / dot_product(move, difference);
            q.sub_(difference, alphas[i]);
        }
        if (!changes_.empty()) {
            const auto& [move, difference] = changes_.back();
            q.mul_(dot_product(move, difference) / dot_product(difference, difference));
        }
        for (std::size_t i = 0; i < changes_.size(); ++i) {
            const auto& [move, difference] = changes_[i];
            const double beta = dot_product(difference, q) / dot_product(move, difference);
            q.add_(move, alphas[i] - beta);
        }
        return q.neg_();
    }

    std::int64_t steps_ = 0;
    Tensor position_, gradient_;
    std::deque<Change> changes_;
};

const Register<Optimizer, Lbfgs> registration{
    {
        .kind = "optimizer",
        .name = "lbfgs",
        .summary = "A quasi-Newton method: steps as long as the curvature of the last steps allows.",
        .details =
            "The two-loop recursion over the last `history` changes of picture and gradient. The root mean square of a step is at most the "
            "rate (base 0.02); there is no line search, as every epoch sees other views. It suits targets without random transforms, or "
            "many "
            "views: noise in the gradients hides the curvature. After a change of the resolution it starts afresh. The state is 2 history "
            "+ 2 "
            "times as large as the picture. J. Nocedal, \"Updating quasi-Newton matrices with limited storage\", Mathematics of "
            "Computation "
            "35, 1980.",
        .example = "lbfgs: {history: 5}",
        .fields = {},
    },
    {
        field("history", &Lbfgs::history, "10", "How many changes are remembered.").at_least(1).at_most(1000),
        field("curvature", &Lbfgs::curvature, "1e-4",
              "A change counts when the cosine between the move and the gradient's change is above this.")
            .at_least(0)
            .at_most(1),
    }};

}  // namespace
}  // namespace clipig
