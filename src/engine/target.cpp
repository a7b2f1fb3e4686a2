#include "engine/target.h"

#include <algorithm>
#include <numeric>

#include "base/text.h"
#include "engine/operators.h"
#include "ops/apply.h"
#include "ops/mask_gradient.h"

namespace clipig {
namespace {

bool any_random(const std::vector<Settings>& transforms) {
    return std::any_of(transforms.begin(), transforms.end(), [](const Settings& settings) {
        const Setting* share = settings.find("p");
        const auto* constant = share && !share->entries().empty() ? std::get_if<Value>(&share->entries()[0]) : nullptr;
        const bool drawn = share && (!constant || (constant->number() > 0 && constant->number() < 1));
        return settings.spec->random || drawn;
    });
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
    const Target& target = *piece.target->target;
    return {frame.seed,
            static_cast<std::uint32_t>(frame.variables.epoch),
            target.index,
            static_cast<std::uint32_t>(piece.first),
            op,
            piece.count,
            target.model_side};
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
    if (place == nullptr || place == &config.settings)
        return ConfigError(Diagnostic{config.settings.at, config.settings.path + ": " + message});
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
        const auto masked = piece.masked_views.find(index);
        const Tensor value =
            constraint->value(masked == piece.masked_views.end() ? piece.views : masked->second, view_random(piece, frame, op));
        target.stats.constraints[index].weight = constraint->weight;
        piece.constraint_sums[index] = value.detach().sum();
        const Tensor part = constraint->weight * value.sum();
        total = total.defined() ? total + part : part;
    }
    return total;
}

/// The loss of the mean of the target's embeddings, times its number of views, as the others are summed. Where the views lie in several
/// batches each piece counts its share of the value, and the gradient goes through its own embeddings.
Tensor mean_loss(const Piece& piece, std::size_t use, const Frame& frame) {
    const Target& target = *piece.target->target;
    const auto views = static_cast<double>(target.views);
    Tensor sum = piece.embeddings[use].sum(0, true);
    if (piece.count != target.views) sum = sum + (piece.target->embedding_sums.at(use) - sum.detach());
    const Tensor mean = unit_rows(sum / views);
    const auto scores = score_features(target.features, piece.target->features, use, mean, target.select, frame, 0);
    const Tensor loss = feature_loss(target.features, scores, use, mean, target.select).sum();
    const double others = 1 - static_cast<double>(piece.count) / views;
    return (loss - loss.detach() * others) * views;
}

/// The image as a mask lets it be changed.
Tensor under(Mask& mask, const Tensor& image, const Frame& frame) {
    return mask_gradient(image, mask.over(frame, image.size(2), image.size(3), image.device()));
}

/// The size that all who look at the views want, 0 where they differ or constraints look at the views as they are.
std::int64_t only_side(const Target& target) { return target.config->constraints.empty() ? target.common_side : 0; }

Tensor transformed(const Piece& piece, const Tensor& image, const Frame& frame) {
    Tensor views;
    try {
        views = apply_transforms(piece.target->transforms, image, view_random(piece, frame, 0), only_side(*piece.target->target));
    } catch (const ConfigError&) {
        throw;
    } catch (const InputError& error) {
        throw at_transform(*piece.target->target->config, error.what());
    }
    return views.size(0) == piece.count ? views : views.expand({piece.count, -1, -1, -1});
}

}  // namespace

Target make_target(const TargetConfig& config, std::uint32_t index, const Settings& top, RunModels& models, const ModelLoader& load) {
    Target target;
    target.config = &config;
    target.index = index;
    target.select = lower(config.settings["select"].text());
    target.fair = lower(config.settings["feature_scale"].text()) == "fair";
    target.views = any_random(config.transforms) ? config.settings["batch_size"].integer() : 1;
    target.mask = mask_of(config.settings);
    for (std::size_t i = 0; i < config.constraints.size(); ++i) {
        if (auto mask = mask_of(config.constraints[i])) target.constraint_masks[i] = std::move(mask);
    }
    if (!config.features.empty()) {
        const Settings& owner = config.settings["model"].null() ? top : config.settings;
        const Settings& shares = config.settings["model_weight"].null() ? owner : config.settings;
        target.uses = models.use(owner["model"], shares["model_weight"], load);
        for (const ModelUse& use : target.uses) {
            const std::int64_t side = models.models[use.model].model->view_size();
            target.common_side = target.model_side == 0 || target.common_side == side ? side : 0;
            target.model_side = std::max(target.model_side, side);
        }
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
    result.transforms = make_transforms(config.transforms, frame);
    result.needs_mean = (config.settings["weight"].uses() & kSimilarity) != 0 || (target.fair && !target.fair_known);
    for (const std::size_t index : result.constraints) {
        for (const auto& [name, setting] : config.constraints[index].values) result.needs_mean |= (setting.uses() & kSimilarity) != 0;
    }
    result.needs_mean = result.needs_mean && !result.features.empty();
    if (!result.features.empty()) result.mean_share = real_at(config.settings["mean_embedding"], frame);
    if (!result.needs_mean) result.mean_similarity = 0;
    result.stats = empty_stats(target);
    result.stats.views = target.views;
    return result;
}

Tensor make_views(const Piece& piece, const Tensor& image, const Frame& frame) {
    const auto& mask = piece.target->target->mask;
    return transformed(piece, mask ? under(*mask, image, frame) : image, frame);
}

void fill_views(Piece& piece, const Tensor& image, const Frame& frame) {
    Target& target = *piece.target->target;
    const Tensor open = target.mask ? under(*target.mask, image, frame) : image;
    piece.views = transformed(piece, open, frame);
    if (!at::GradMode::is_enabled()) return;
    for (const std::size_t index : piece.target->constraints) {
        const auto found = target.constraint_masks.find(index);
        if (found != target.constraint_masks.end())
            piece.masked_views[index] = transformed(piece, under(*found->second, open, frame), frame);
    }
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

std::vector<double> mean_similarities(const Target& target, std::vector<FeatureScores>& scores) {
    for (FeatureScores& table : scores) table.read();
    std::vector<double> means(scores.empty() ? 0 : scores[0].active.size(), 0);
    for (std::size_t use = 0; use < scores.size(); ++use) {
        for (std::size_t i = 0; i < scores[use].similarities.size(); ++i) {
            means[i % means.size()] += scores[use].similarities[i] * target.uses[use].weight / static_cast<double>(scores[use].views);
        }
    }
    return means;
}

Tensor piece_loss(Piece& piece, std::vector<FeatureScores> scores, const Frame& frame) {
    TargetFrame& target = *piece.target;
    const double similarity = target.mean_similarity.value();
    Tensor total;
    for (std::size_t use = 0; use < scores.size(); ++use) {
        const double weight = target.target->uses[use].weight;
        Tensor part = feature_loss(target.target->features, scores[use], use, piece.embeddings[use], target.target->select).sum();
        if (target.mean_share > 0) part = part * (1 - target.mean_share) + mean_loss(piece, use, frame) * target.mean_share;
        part = part * weight;
        total = total.defined() ? total + part : part;
    }
    const Tensor constraints = constraint_loss(piece, frame, similarity);
    if (constraints.defined()) total = total.defined() ? total + constraints : constraints;
    const Setting& weight = target.target->config->settings["weight"];
    target.stats.weight = real_at(weight, frame, similarity);
    total = total * (target.stats.weight / static_cast<double>(target.target->views));
    piece.scores = std::move(scores);
    piece.loss = total.detach();
    return total;
}

void count_piece(Piece& piece) {
    const Target& target = *piece.target->target;
    TargetStats& stats = piece.target->stats;
    for (std::size_t use = 0; use < piece.scores.size(); ++use) {
        piece.scores[use].read();
        count_features(stats, target, piece.scores[use], target.uses[use].weight);
    }
    for (const auto& [index, sum] : piece.constraint_sums)
        stats.constraints[index].value += sum.item<double>() / static_cast<double>(target.views);
    stats.loss += piece.loss.item<double>();
}

}  // namespace clipig
