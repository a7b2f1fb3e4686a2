// How a target's features become one loss for each view.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/feature.h"
#include "engine/frame.h"

namespace clipig {

/// The numbers of one evaluation: similarities, weights and choices of n views and k features, row-major [n][k].
struct FeatureScores {
    std::int64_t views = 0;
    std::vector<std::size_t> active;   ///< indices of the features that are scheduled in this epoch
    Tensor cosines;                    ///< 100 x cosine, [n,k] over the active features, where the model computes
    std::vector<double> similarities;  ///< the same as numbers; on a GPU empty until they are read
    std::vector<double> weights;
    std::vector<double> scales;        ///< `scale` times the fair scale
    std::vector<double> stops;         ///< `stop`, minus infinity for a feature without one; empty when none has one
    std::vector<std::int64_t> chosen;  ///< per view for best and worst: position in `active`; empty otherwise

    /// Fills in `similarities`: the one thing here that waits for a GPU.
    void read();
};

/// Similarities of embeddings [n,E] with the active features for one model, and from them weights, scales, choices. They are read where one
/// of these depends on them, and on the CPU.
/// `first_view` numbers the views, so that random expressions do not depend on how views are batched.
[[nodiscard]] FeatureScores score_features(const std::vector<Feature>& features, std::vector<std::size_t> active, std::size_t use,
                                           const Tensor& embeddings, const std::string& select, const Frame& frame,
                                           std::uint32_t first_view);

/// The loss of each view, [n], differentiable in the embeddings [n,E] (norm 1). select: all, best, worst, mix. Where sign(weight) x loss
/// is below the feature's stop, the value counts and its gradient does not.
[[nodiscard]] Tensor feature_loss(const std::vector<Feature>& features, const FeatureScores& scores, std::size_t use,
                                  const Tensor& embeddings, const std::string& select);

/// `feature_scale: fair`: factors that make the similarities of all features equal to the highest one.
void set_fair_scales(std::vector<Feature>& features, const std::vector<double>& mean_similarities);

}  // namespace clipig
