// A target of the configuration, ready to run: its operators in one epoch, and the loss of a batch of its views.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/events.h"
#include "engine/feature.h"
#include "engine/frame.h"
#include "engine/mask.h"
#include "engine/operators.h"
#include "engine/select.h"
#include "ops/constraint.h"

namespace clipig {

/// What does not change during a run.
struct Target {
    const TargetConfig* config = nullptr;
    std::uint32_t index = 0;
    std::string select;
    std::vector<ModelUse> uses;  ///< empty when the target has no features
    std::vector<Feature> features;
    std::unique_ptr<Mask> mask;                                     ///< null without one
    std::map<std::size_t, std::unique_ptr<Mask>> constraint_masks;  ///< by number of the constraint, where it has one
    std::int64_t views = 1;        ///< per epoch: batch_size, or 1 when nothing in its transforms is random
    std::int64_t model_side = 0;   ///< side of the largest model's views; 0 without features
    std::int64_t common_side = 0;  ///< side of the views of all its models; 0 where they differ
    bool fair = false;             ///< feature_scale: fair
    bool fair_known = false;       ///< the scales were set on the first frame
};

/// Build a target; loads models through `load` when it has features: its own, or those of the experiment (`top`).
[[nodiscard]] Target make_target(const TargetConfig& config, std::uint32_t index, const Settings& top, RunModels& models,
                                 const ModelLoader& load);

/// A target in one epoch: its operators made with this epoch's parameters, and the statistics gathered so far.
struct TargetFrame {
    Target* target = nullptr;
    Transforms transforms;                 ///< null where not scheduled
    std::vector<std::size_t> features;     ///< indices of the scheduled features
    std::vector<std::size_t> constraints;  ///< indices of the scheduled constraints
    bool needs_mean = false;               ///< something depends on the mean similarity of all views
    std::optional<double> mean_similarity;
    double mean_share = 0;               ///< mean_embedding
    std::vector<Tensor> embedding_sums;  ///< [1,E] for each ModelUse, over all views; only where these lie in several batches
    TargetStats stats;
};

/// The target's frame, or nothing when it is not scheduled in this epoch.
[[nodiscard]] std::optional<TargetFrame> make_frame(Target& target, const Frame& frame);

/// Consecutive views of one target that are evaluated together.
struct Piece {
    TargetFrame* target = nullptr;
    std::int64_t first = 0;
    std::int64_t count = 1;
    Tensor views{};                                ///< [count,3,H,W] after the transforms
    std::vector<Tensor> embeddings{};              ///< [count,E] of norm 1 for each ModelUse; empty without features
    std::map<std::size_t, Tensor> masked_views{};  ///< by number of the constraint: the same views for one with a mask of its own
    /// What piece_loss() leaves for count_piece(): scores for each ModelUse, constraints summed over the views by their numbers, the loss.
    std::vector<FeatureScores> scores{};
    std::map<std::size_t, Tensor> constraint_sums{};
    Tensor loss{};
};

/// The views of a piece from the training image [1,3,H,W]; differentiable. Masks change the gradient only.
[[nodiscard]] Tensor make_views(const Piece& piece, const Tensor& image, const Frame& frame);
/// Fills in `views` and, where gradients are wanted, `masked_views`.
void fill_views(Piece& piece, const Tensor& image, const Frame& frame);

/// Similarities of a piece, averaged over models by their weights; one score table for each ModelUse.
[[nodiscard]] std::vector<FeatureScores> score_piece(const Piece& piece, const Frame& frame);

/// The piece's share of the total loss, a scalar: (sum over its views) / (views of the target) x weight. Precondition: mean_similarity is
/// set when needs_mean. On a GPU it is not waited for.
[[nodiscard]] Tensor piece_loss(Piece& piece, std::vector<FeatureScores> scores, const Frame& frame);
/// Adds similarities, constraints and the loss to the target's statistics: waits for a GPU.
void count_piece(Piece& piece);

/// Mean over views and models of each scheduled feature's similarity; reads them.
[[nodiscard]] std::vector<double> mean_similarities(const Target& target, std::vector<FeatureScores>& scores);

}  // namespace clipig
