#include "engine/step.h"

#include <algorithm>
#include <cmath>

#include "engine/diagnose.h"

namespace clipig {
namespace {

using Batch = std::vector<Piece>;

std::vector<Batch> plan(std::vector<TargetFrame>& frames, std::int64_t limit) {
    std::vector<Batch> batches(1);
    std::int64_t room = limit;
    for (TargetFrame& frame : frames) {
        for (std::int64_t first = 0; first < frame.target->views;) {
            if (room == 0) {
                batches.emplace_back();
                room = limit;
            }
            const std::int64_t count = std::min(room, frame.target->views - first);
            batches.back().push_back({&frame, first, count});
            first += count;
            room -= count;
        }
    }
    return batches;
}

/// All pieces of a batch that use a model go through it together.
void encode_batch(Batch& batch, const RunModels& models) {
    for (std::size_t index = 0; index < models.models.size(); ++index) {
        const ClipModel& model = *models.models[index].model;
        std::vector<Tensor> inputs;
        std::vector<std::pair<Piece*, std::size_t>> owners;
        for (Piece& piece : batch) {
            const Target& target = *piece.target->target;
            if (piece.target->features.empty()) continue;
            for (std::size_t use = 0; use < target.uses.size(); ++use) {
                if (target.uses[use].model != index) continue;
                inputs.push_back(model_views(piece.views, model.view_size()));
                owners.emplace_back(&piece, use);
            }
        }
        if (inputs.empty()) continue;
        const Tensor embeddings = unit_rows(model.encode_image(inputs.size() == 1 ? inputs[0] : at::cat(inputs)));
        std::int64_t row = 0;
        for (const auto& [piece, use] : owners) {
            piece->embeddings.resize(piece->target->target->uses.size());
            piece->embeddings[use] = embeddings.narrow(0, row, piece->count);
            row += piece->count;
        }
    }
}

void make_batch(Batch& batch, const RunModels& models, const Tensor& image, const Frame& frame) {
    for (Piece& piece : batch) fill_views(piece, image, frame);
    encode_batch(batch, models);
}

void release(Batch& batch) {
    for (Piece& piece : batch) {
        piece.views.reset();
        piece.embeddings.clear();
        piece.masked_views.clear();
    }
}

/// Mean similarity and, on a target's first frame, its fair scales, once all its views are scored.
void set_means(TargetFrame& target, const std::vector<double>& means) {
    double sum = 0;
    for (const double mean : means) sum += mean;
    target.mean_similarity = means.empty() ? 0 : sum / static_cast<double>(means.size());
    Target& owner = *target.target;
    if (!owner.fair || owner.fair_known || means.size() != owner.features.size()) return;
    set_fair_scales(owner.features, means);
    owner.fair_known = true;
}

void add_embeddings(const Piece& piece) {
    auto& sums = piece.target->embedding_sums;
    sums.resize(piece.embeddings.size());
    for (std::size_t use = 0; use < sums.size(); ++use) {
        const Tensor sum = piece.embeddings[use].sum(0, true);
        sums[use] = sums[use].defined() ? sums[use] + sum : sum;
    }
}

/// Targets whose loss depends on the mean similarity or the mean embedding and whose views lie in several batches need one pass without
/// gradient first.
void find_means(std::vector<Batch>& batches, const RunModels& models, const Tensor& image, const Frame& frame) {
    const at::NoGradGuard no_grad;
    std::map<TargetFrame*, std::vector<double>> sums;
    for (Batch& batch : batches) {
        Batch waiting;
        for (const Piece& piece : batch) {
            const bool wanted = piece.target->needs_mean || piece.target->mean_share > 0;
            if (wanted && piece.count != piece.target->target->views) waiting.push_back(piece);
        }
        if (waiting.empty()) continue;
        make_batch(waiting, models, image, frame);
        for (const Piece& piece : waiting) {
            if (piece.target->mean_share > 0) add_embeddings(piece);
            if (!piece.target->needs_mean) continue;
            auto scores = score_piece(piece, frame);
            const auto means = mean_similarities(*piece.target->target, scores);
            auto& sum = sums[piece.target];
            sum.resize(means.size());
            const double share = static_cast<double>(piece.count) / static_cast<double>(piece.target->target->views);
            for (std::size_t i = 0; i < means.size(); ++i) sum[i] += means[i] * share;
        }
    }
    for (auto& [target, means] : sums) set_means(*target, means);
}

Tensor batch_loss(Batch& batch, const Frame& frame) {
    Tensor total;
    for (Piece& piece : batch) {
        auto scores = score_piece(piece, frame);
        if (!piece.target->mean_similarity) {
            set_means(*piece.target, mean_similarities(*piece.target->target, scores));
            scores = score_piece(piece, frame);
        }
        const Tensor loss = piece_loss(piece, std::move(scores), frame);
        total = total.defined() ? total + loss : loss;
    }
    return total;
}

/// What is known of all targets before their views are looked at.
std::vector<TargetStats> unseen(const std::vector<Target>& targets) {
    std::vector<TargetStats> stats(targets.size());
    for (std::size_t i = 0; i < targets.size(); ++i) {
        stats[i].name = targets[i].config->settings["name"].text();
        for (const Feature& feature : targets[i].features) stats[i].features.push_back({feature.name, 0, 0, false, 0});
    }
    return stats;
}

/// Loss and gradient of a batch; the gradient is added to that of the leaf. The loss is not waited for.
Tensor push_through(Batch& batch, const RunModels& models, const Tensor& leaf, const Frame& frame) {
    make_batch(batch, models, leaf, frame);
    const Tensor loss = batch_loss(batch, frame);
    if (loss.requires_grad()) loss.backward();
    release(batch);
    return loss;
}

void count_all(std::vector<Batch>& batches) {
    for (Batch& batch : batches) {
        for (Piece& piece : batch) {
            count_piece(piece);
            const TargetStats& stats = piece.target->stats;
            if (!std::isfinite(stats.loss)) throw NotFiniteError("the loss of target '" + stats.name + "' is not finite");
        }
    }
}

}  // namespace

StepResult evaluate_step(std::vector<Target>& targets, const RunModels& models, const Tensor& image, const Frame& frame,
                         const BatchChoice& batch) {
    StepResult result;
    result.targets = unseen(targets);
    std::vector<TargetFrame> frames;
    std::vector<std::size_t> owners;
    for (std::size_t i = 0; i < targets.size(); ++i) {
        if (auto made = make_frame(targets[i], frame)) {
            result.views += targets[i].views;
            owners.push_back(i);
            frames.push_back(std::move(*made));
        }
    }
    if (frames.empty()) return result;
    auto batches = plan(frames, batch(frames));
    if (batches.size() > 1) find_means(batches, models, image, frame);
    const Tensor leaf = image.detach().requires_grad_(true);
    leaf.mutable_grad() = at::zeros_like(leaf);  // views add to it in place, see ops/sampler.h
    std::vector<Tensor> losses;
    for (Batch& part : batches) {
        const Tensor loss = push_through(part, models, leaf, frame);
        losses.push_back(loss.detach());
        if (loss.requires_grad()) result.gradient = leaf.grad();
    }
    // numbers are read when all work is given out: a GPU need not wait for the host between two batches
    count_all(batches);
    for (const Tensor& loss : losses) result.loss += loss.item<double>();
    if (result.gradient.defined() && !all_finite(result.gradient)) throw NotFiniteError("the gradient is not finite");
    for (std::size_t i = 0; i < frames.size(); ++i) result.targets[owners[i]] = std::move(frames[i].stats);
    return result;
}

}  // namespace clipig
