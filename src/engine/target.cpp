#include "engine/target.h"

#include <algorithm>
#include <numeric>

#include "base/text.h"
#include "engine/operators.h"
#include "ops/apply.h"

namespace clipig {
namespace {

bool any_random(const std::vector<Settings>& transforms) {
    return std::any_of(transforms.begin(), transforms.end(), [](const Settings& settings) { return settings.spec->random; });
}

std::vector<std::size_t> scheduled(const std::vector<Settings>& list, const Frame& frame) {
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (in_schedule(list[i], frame.variables.epoch, frame.variables.epochs)) indices.push_back(i);
    }
    return indices;
}

TargetStats empty_stats(const Target& target) {
    TargetStats stats;
    stats.name = target.config->settings["name"].text();
    for (const Feature& feature : target.features) stats.features.push_back({feature.name, 0, 0, false, 0});
    for (const Settings& constraint : target.config->constraints) stats.constraints.push_back({constraint.spec->name, 0, 0});
    return stats;
}

ViewRandom view_random(const Piece& piece, const Frame& frame, std::uint32_t op) {
    return {frame.seed, static_cast<std::uint32_t>(frame.variables.epoch), piece.target->target->index, static_cast<std::uint32_t>(piece.first), op,
            piece.count};
}

/// Operators do not know where they are written: their errors begin with their name, and get the place of the transform of
/// that name, when there is one only, or of the target.
ConfigError at_transform(const TargetConfig& config, const std::string& message) {
    const std::string name = message.substr(0, message.find(':'));
    const Settings* place = nullptr;
    for (const Settings& settings : config.transforms) {
        if (settings.spec->name != name) continue;
        place = place == nullptr ? &settings : &config.settings;
    }
    if (place == nullptr || place == &config.settings) return ConfigError(Diagnostic{config.settings.at, config.settings.path + ": " + message});
    return ConfigError(Diagnostic{place->at, place->path + message.substr(name.size())});
}

/// Adds similarities, weights and choices of one model's scores to the statistics.
void count_features(TargetStats& stats, const Target& target, const FeatureScores& scores, double model_weight) {
    const std::size_t count = scores.active.size();
    for (std::size_t i = 0; i < scores.similarities.size(); ++i) {
        FeatureStats& feature = stats.features[scores.active[i % count]];
        feature.active = true;
        feature.similarity += scores.similarities[i] * model_weight / static_cast<double>(target.views);
        feature.weight += scores.weights[i] * model_weight / static_cast<double>(target.views);
    }
    for (const std::int64_t choice : scores.chosen) ++stats.features[scores.active[static_cast<std::size_t>(choice)]].chosen;
}

Tensor constraint_loss(Piece& piece, const Frame& frame, double similarity) {
    TargetFrame& target = *piece.target;
    Tensor total;
    for (const std::size_t index : target.constraints) {
        const Settings& settings = target.target->config->constraints[index];
        const auto constraint = make_operator<Constraint>(settings, frame, similarity);
        // operators of one target are numbered: transforms first, then constraints
        const auto op = static_cast<std::uint32_t>(target.transforms.size() + index);
        const Tensor value = constraint->value(piece.views, view_random(piece, frame, op));
        ConstraintStats& stats = target.stats.constraints[index];
        stats.weight = constraint->weight;
        stats.value += value.detach().sum().item<double>() / static_cast<double>(target.target->views);
        const Tensor part = constraint->weight * value.sum();
        total = total.defined() ? total + part : part;
    }
    return total;
}

}  // namespace

Target make_target(const TargetConfig& config, std::uint32_t index, const Settings& top, RunModels& models, const ModelLoader& load) {
    Target target;
    target.config = &config;
    target.index = index;
    target.select = lower(config.settings["select"].text());
    target.fair = lower(config.settings["feature_scale"].text()) == "fair";
    target.views = any_random(config.transforms) ? config.settings["batch_size"].integer() : 1;
    if (!config.features.empty()) {
        const Settings& owner = config.settings["model"].null() ? top : config.settings;
        const Settings& shares = config.settings["model_weight"].null() ? owner : config.settings;
        target.uses = models.use(owner["model"], shares["model_weight"], load);
        target.features = make_features(config, target.uses, models, top["truncate"].boolean());
    }
    return target;
}

std::optional<TargetFrame> make_frame(Target& target, const Frame& frame) {
    const TargetConfig& config = *target.config;
    if (!in_schedule(config.settings, frame.variables.epoch, frame.variables.epochs)) return std::nullopt;
    TargetFrame result;
    result.target = &target;
    result.features = scheduled(config.features, frame);
    result.constraints = scheduled(config.constraints, frame);
    if (result.features.empty() && result.constraints.empty()) return std::nullopt;
    for (const Settings& settings : config.transforms) {
        result.transforms.push_back(make_operator<Transform>(settings, frame));
    }
    result.needs_mean = (config.settings["weight"].uses() & kSimilarity) != 0 || (target.fair && !target.fair_known);
    for (const std::size_t index : result.constraints) {
        for (const auto& [name, setting] : config.constraints[index].values) result.needs_mean |= (setting.uses() & kSimilarity) != 0;
    }
    result.needs_mean = result.needs_mean && !result.features.empty();
    if (!result.needs_mean) result.mean_similarity = 0;
    result.stats = empty_stats(target);
    result.stats.views = target.views;
    return result;
}

Tensor make_views(const Piece& piece, const Tensor& image, const Frame& frame) {
    Tensor views;
    try {
        views = apply_transforms(piece.target->transforms, image, view_random(piece, frame, 0));
    } catch (const ConfigError&) {
        throw;
    } catch (const InputError& error) {
        throw at_transform(*piece.target->target->config, error.what());
    }
    return views.size(0) == piece.count ? views : views.expand({piece.count, -1, -1, -1});
}

std::vector<FeatureScores> score_piece(const Piece& piece, const Frame& frame) {
    const Target& target = *piece.target->target;
    std::vector<FeatureScores> scores;
    for (std::size_t use = 0; use < piece.embeddings.size(); ++use) {
        scores.push_back(score_features(target.features, piece.target->features, use, piece.embeddings[use], target.select, frame,
                                        static_cast<std::uint32_t>(piece.first)));
    }
    return scores;
}

std::vector<double> mean_similarities(const Target& target, const std::vector<FeatureScores>& scores) {
    std::vector<double> means(scores.empty() ? 0 : scores[0].active.size(), 0);
    for (std::size_t use = 0; use < scores.size(); ++use) {
        for (std::size_t i = 0; i < scores[use].similarities.size(); ++i) {
            means[i % means.size()] += scores[use].similarities[i] * target.uses[use].weight / static_cast<double>(scores[use].views);
        }
    }
    return means;
}

Tensor piece_loss(Piece& piece, const std::vector<FeatureScores>& scores, const Frame& frame) {
    TargetFrame& target = *piece.target;
    const double similarity = target.mean_similarity.value();
    Tensor total;
    for (std::size_t use = 0; use < scores.size(); ++use) {
        const double weight = target.target->uses[use].weight;
        count_features(target.stats, *target.target, scores[use], weight);
        const Tensor part = weight * feature_loss(target.target->features, scores[use], use, piece.embeddings[use], target.target->select).sum();
        total = total.defined() ? total + part : part;
    }
    const Tensor constraints = constraint_loss(piece, frame, similarity);
    if (constraints.defined()) total = total.defined() ? total + constraints : constraints;
    const Setting& weight = target.target->config->settings["weight"];
    target.stats.weight = real_at(weight, frame, similarity);
    total = total * (target.stats.weight / static_cast<double>(target.target->views));
    target.stats.loss += total.detach().item<double>();
    return total;
}

}  // namespace clipig
