// How many views are pushed through models at a time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/frame.h"
#include "engine/target.h"

namespace clipig {

/// Size of a target's views after its transforms, and how many of them make a copy.
struct ViewShape {
    std::int64_t width = 0, height = 0;
    std::int64_t copies = 1;
    /// Bytes of one view and of its gradient, float32.
    [[nodiscard]] double bytes() const {
        return 2.0 * 3 * sizeof(float) * static_cast<double>(copies) * static_cast<double>(width * height);
    }
};

/// Found without sampling: only coordinate maps are made. Sizes that do not work give the canvas' own; the step itself complains.
/// model_side: of the largest model's views, 0 without features.
[[nodiscard]] ViewShape view_shape(const Transforms& transforms, const Frame& frame, std::int64_t model_side);

/// Bytes for one view, forward and backward, in the hungriest target of the epoch: views and what its models keep.
[[nodiscard]] double bytes_per_view(const std::vector<TargetFrame>& targets, const RunModels& models, const Frame& frame);

/// Views for at most kBatchBytes, 1 to kMostViews: more would not be faster. It depends on the configuration only, so that runs
/// can be repeated elsewhere.
inline constexpr double kBatchBytes = 768.0 * 1024 * 1024;
inline constexpr std::int64_t kMostViews = 64;
[[nodiscard]] std::int64_t views_at_once(double bytes_per_view);

/// The number for the epochs of one run: views_at_once(), or less where so much memory is not free.
class BatchSize {
public:
    /// `deterministic`: never less because of what is free; where the first transform is one that
    /// moves pixels, or there is none, the number does not change a bit of the gradient anyway.
    explicit BatchSize(bool deterministic) : deterministic_(deterministic) {}

    /// Measures what is free only when views have become larger or smaller.
    [[nodiscard]] std::int64_t choose(const std::vector<TargetFrame>& targets, const RunModels& models, const Frame& frame,
                                      std::vector<std::string>& warnings);
    /// After the device ran out of memory: half as many from here on. False when one at a time was too much, or must not change.
    [[nodiscard]] bool halve(std::vector<std::string>& warnings);

private:
    std::int64_t most_ = kMostViews, chosen_ = 0;
    bool deterministic_ = false, told_ = false;
    double bytes_ = -1;
};

}  // namespace clipig
