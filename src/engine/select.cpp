#include "engine/select.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace clipig {
namespace {

/// The embeddings of the active features, stacked: [k,E].
Tensor stacked(const std::vector<Feature>& features, const std::vector<std::size_t>& active, std::size_t use) {
    std::vector<Tensor> rows;
    for (const std::size_t index : active) rows.push_back(features[index].embeddings[use]);
    return at::stack(rows);
}

/// n x k numbers as a constant tensor beside `like`.
Tensor table(const std::vector<double>& numbers, std::int64_t rows, const Tensor& like) {
    const auto columns = rows == 0 ? 0 : static_cast<std::int64_t>(numbers.size()) / rows;
    return at::tensor(numbers, at::kDouble).view({rows, columns}).to(like.options().requires_grad(false));
}

/// One parameter for each view and active feature; evaluated once when it does not look at the similarity.
std::vector<double> evaluate(const char* name, const std::vector<Feature>& features, const FeatureScores& scores, const Frame& frame,
                             std::uint32_t first_view) {
    const std::size_t count = scores.active.size();
    std::vector<double> values(scores.similarities.size());
    for (std::size_t k = 0; k < count; ++k) {
        const Setting& setting = (*features[scores.active[k]].settings)[name];
        const bool per_view = (setting.uses() & kSimilarity) != 0;
        const double once = setting.null() ? -std::numeric_limits<double>::infinity() : per_view ? 0 : real_at(setting, frame);
        for (std::size_t view = 0; view < static_cast<std::size_t>(scores.views); ++view) {
            const std::size_t i = view * count + k;
            values[i] = per_view ? real_at(setting, frame, scores.similarities[i], first_view + static_cast<std::uint32_t>(view)) : once;
        }
    }
    return values;
}

std::vector<std::int64_t> choose(const std::vector<Feature>& features, const FeatureScores& scores, bool best) {
    const std::size_t count = scores.active.size();
    std::size_t first = 0;
    while (first + 1 < count && features[scores.active[first]].guard) ++first;
    std::vector<std::int64_t> chosen;
    for (std::size_t view = 0; view < static_cast<std::size_t>(scores.views); ++view) {
        std::size_t found = first;
        for (std::size_t k = first + 1; k < count; ++k) {
            if (features[scores.active[k]].guard) continue;
            const double value = scores.similarities[view * count + k] * scores.scales[view * count + k];
            const double held = scores.similarities[view * count + found] * scores.scales[view * count + found];
            if (best ? value > held : value < held) found = k;
        }
        chosen.push_back(static_cast<std::int64_t>(found));
    }
    return chosen;
}

/// The losses of one feature, [n], without a gradient where they are below its stop.
Tensor stopped(const Tensor& losses, const FeatureScores& scores, std::size_t k, bool signed_by_weight) {
    if (scores.stops.empty()) return losses;
    const std::size_t count = scores.active.size();
    Tensor pulls = at::empty({scores.views}, at::kBool);
    const Tensor values = losses.detach().to(at::kCPU, at::kDouble);
    for (std::size_t view = 0; view < static_cast<std::size_t>(scores.views); ++view) {
        const double sign = signed_by_weight && scores.weights[view * count + k] < 0 ? -1 : 1;
        const auto at = static_cast<std::int64_t>(view);
        pulls.data_ptr<bool>()[at] = sign * values.data_ptr<double>()[at] >= scores.stops[view * count + k];
    }
    return at::where(pulls.to(losses.device()), losses, losses.detach());
}

/// select: mix - one loss against the weighted mean of the features, weights divided by the sum of their absolute values.
Tensor mixed_loss(const std::vector<Feature>& features, const FeatureScores& scores, std::size_t use, const Tensor& embeddings) {
    const Tensor weights = table(scores.weights, scores.views, embeddings);
    const Tensor total = weights.abs().sum({1}, true).clamp_min(1e-12);
    const Tensor mixture = (weights / total).matmul(stacked(features, scores.active, use).to(embeddings.options()));
    return stopped(features[scores.active[0]].loss->value(embeddings, mixture), scores, 0, false);
}

}  // namespace

FeatureScores score_features(const std::vector<Feature>& features, std::vector<std::size_t> active, std::size_t use, const Tensor& embeddings,
                             const std::string& select, const Frame& frame, std::uint32_t first_view) {
    const at::NoGradGuard no_grad;
    FeatureScores scores;
    scores.views = embeddings.size(0);
    scores.active = std::move(active);
    if (scores.active.empty()) return scores;
    const Tensor targets = stacked(features, scores.active, use);
    const Tensor cosines = (100 * embeddings.detach().matmul(targets.to(embeddings.options()).t())).to(at::kCPU, at::kDouble).contiguous();
    scores.similarities.assign(cosines.data_ptr<double>(), cosines.data_ptr<double>() + cosines.numel());
    scores.weights = evaluate("weight", features, scores, frame, first_view);
    scores.scales = evaluate("scale", features, scores, frame, first_view);
    const auto has_stop = [&](std::size_t index) { return !(*features[index].settings)["stop"].null(); };
    if (std::any_of(scores.active.begin(), scores.active.end(), has_stop)) scores.stops = evaluate("stop", features, scores, frame, first_view);
    for (std::size_t i = 0; i < scores.scales.size(); ++i) scores.scales[i] *= features[scores.active[i % scores.active.size()]].fair_scale;
    if (select == "best" || select == "worst") scores.chosen = choose(features, scores, select == "best");
    return scores;
}

Tensor feature_loss(const std::vector<Feature>& features, const FeatureScores& scores, std::size_t use, const Tensor& embeddings,
                    const std::string& select) {
    if (scores.active.empty()) return at::zeros({embeddings.size(0)}, embeddings.options().requires_grad(false));
    if (select == "mix") return mixed_loss(features, scores, use, embeddings);
    std::vector<double> weights = scores.weights;
    const std::size_t count = scores.active.size();
    for (std::size_t i = 0; !scores.chosen.empty() && i < weights.size(); ++i) {
        const bool guard = features[scores.active[i % count]].guard;
        if (!guard && static_cast<std::size_t>(scores.chosen[i / count]) != i % count) weights[i] = 0;
    }
    const Tensor factors = table(weights, scores.views, embeddings);
    Tensor total;
    for (std::size_t k = 0; k < count; ++k) {
        const Feature& feature = features[scores.active[k]];
        const Tensor wanted = feature.embeddings[use].to(embeddings.options().requires_grad(false));
        const Tensor part = factors.select(1, static_cast<std::int64_t>(k)) * stopped(feature.loss->value(embeddings, wanted), scores, k, true);
        total = total.defined() ? total + part : part;
    }
    return total;
}

void set_fair_scales(std::vector<Feature>& features, const std::vector<double>& mean_similarities) {
    const double highest = *std::max_element(mean_similarities.begin(), mean_similarities.end());
    for (std::size_t i = 0; i < features.size(); ++i) {
        const double similarity = mean_similarities[i];
        // a similarity near or below zero cannot be scaled to a positive one
        features[i].fair_scale = highest > 0 && similarity > 1e-3 ? highest / similarity : 1;
    }
}

}  // namespace clipig
