// Masks: where in the picture a target, a constraint or an effect acts.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/frame.h"
#include "ops/tensor.h"

namespace clipig {

/// The section `mask`, ready to be laid over a canvas. Kept from one epoch to the next unless it depends on time.
class Mask {
public:
    /// Reads the picture. Throws ConfigError at its place when there is none.
    explicit Mask(const Settings& settings);

    /// [1,1,height,width] float32, 0..1, on `device`. Throws ConfigError for a shape that fails.
    [[nodiscard]] const Tensor& over(const Frame& frame, std::int64_t height, std::int64_t width, at::Device device);

private:
    [[nodiscard]] Tensor draw(const Frame& frame, std::int64_t height, std::int64_t width) const;
    [[nodiscard]] Tensor shape(const Frame& frame, std::int64_t height, std::int64_t width) const;

    const Settings* settings_;
    Tensor picture_;  ///< [1,1,h,w], undefined for a shape
    bool changes_ = false;
    Tensor kept_;
    std::int64_t kept_epoch_ = -1;
};

/// The mask of a section that has one, else null.
[[nodiscard]] std::unique_ptr<Mask> mask_of(const Settings& settings);

}  // namespace clipig
