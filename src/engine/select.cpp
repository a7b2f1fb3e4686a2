#include "engine/select.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/device_copy.h"

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
    return copy_to_device(at::tensor(numbers, at::kDouble).view({rows, columns}), like.options());
}

/// A parameter that is another one for each view.
bool sees_similarity(const char* name, const std::vector<Feature>& features, const std::vector<std::size_t>& active) {
    return std::any_of(active.begin(), active.end(),
                       [&](std::size_t index) { return ((*features[index].settings)[name].uses() & kSimilarity) != 0; });
}

/// One parameter for each view and active feature; evaluated once when it does not look at the similarity.
std::vector<double> evaluate(const char* name, const std::vector<Feature>& features, const FeatureScores& scores, const Frame& frame,
                             std::uint32_t first_view) {
    const std::size_t count = scores.active.size();
    std::vector<double> values(static_cast<std::size_t>(scores.views) * count);
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
    std::vector<double> signs, stops;
    for (std::size_t i = k; i < scores.stops.size(); i += count) {
        signs.push_back(signed_by_weight && scores.weights[i] < 0 ? -1 : 1);
        stops.push_back(scores.stops[i]);
    }
    const auto options = losses.options().dtype(at::kDouble);
    const auto beside = [&options](const std::vector<double>& numbers) {
        return copy_to_device(at::tensor(numbers, at::kDouble), options);
    };
    const Tensor pulls = losses.detach().to(at::kDouble) * beside(signs) >= beside(stops);
    return at::where(pulls, losses, losses.detach());
}

/// select: mix - one loss against the weighted mean of the features, weights divided by the sum of their absolute values.
Tensor mixed_loss(const std::vector<Feature>& features, const FeatureScores& scores, std::size_t use, const Tensor& embeddings) {
    const Tensor weights = table(scores.weights, scores.views, embeddings);
    const Tensor total = weights.abs().sum({1}, true).clamp_min(1e-12);
    const Tensor mixture = (weights / total).matmul(stacked(features, scores.active, use).to(embeddings.options()));
    return stopped(features[scores.active[0]].loss->value(embeddings, mixture), scores, 0, false);
}

}  // namespace

void FeatureScores::read() {
    if (!similarities.empty() || !cosines.defined()) return;
    const Tensor numbers = cosines.to(at::kCPU, at::kDouble).contiguous();
    similarities.assign(numbers.data_ptr<double>(), numbers.data_ptr<double>() + numbers.numel());
}

FeatureScores score_features(const std::vector<Feature>& features, std::vector<std::size_t> active, std::size_t use,
                             const Tensor& embeddings, const std::string& select, const Frame& frame, std::uint32_t first_view) {
    const at::NoGradGuard no_grad;
    FeatureScores scores;
    scores.views = embeddings.size(0);
    scores.active = std::move(active);
    if (scores.active.empty()) return scores;
    const Tensor targets = stacked(features, scores.active, use);
    scores.cosines = 100 * embeddings.detach().matmul(targets.to(embeddings.options()).t());
    const bool chooses = select == "best" || select == "worst";
    const auto depends = [&](const char* name) { return sees_similarity(name, features, scores.active); };
    if (scores.cosines.is_cpu() || chooses || depends("weight") || depends("scale") || depends("stop")) scores.read();
    scores.weights = evaluate("weight", features, scores, frame, first_view);
    scores.scales = evaluate("scale", features, scores, frame, first_view);
    const auto has_stop = [&](std::size_t index) { return !(*features[index].settings)["stop"].null(); };
    if (std::any_of(scores.active.begin(), scores.active.end(), has_stop))
        scores.stops = evaluate("stop", features, scores, frame, first_view);
    for (std::size_t i = 0; i < scores.scales.size(); ++i) scores.scales[i] *= features[scores.active[i % scores.active.size()]].fair_scale;
    if (chooses) scores.chosen = choose(features, scores, select == "best");
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
        const Tensor part =
            factors.select(1, static_cast<std::int64_t>(k)) * stopped(feature.loss->value(embeddings, wanted), scores, k, true);
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
