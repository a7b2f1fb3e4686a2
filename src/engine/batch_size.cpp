#include "engine/batch_size.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "ops/geometry.h"

namespace clipig {

ViewShape view_shape(const Transforms& transforms, const Frame& frame, std::int64_t model_side) {
    const auto [width, height] = frame.variables.resolution;
    ViewShape shape{width, height, 1};
    try {
        for (std::size_t i = 0; i < transforms.size(); ++i) {
            if (!transforms[i]) continue;
            const auto* geometric = dynamic_cast<const GeometricTransform*>(transforms[i].get());
            if (geometric == nullptr) {
                ++shape.copies;
                continue;
            }
            ViewGeometry geometry(shape.width, shape.height);
            ViewRandom random;
            random.seed = frame.seed;
            random.op = static_cast<std::uint32_t>(i);
            random.model_side = model_side;
            geometric->compose(geometry, random);
            shape.width = geometry.width();
            shape.height = geometry.height();
        }
    } catch (const Error&) {
        return {width, height, 1};
    }
    return shape;
}

double bytes_per_view(const std::vector<TargetFrame>& targets, const RunModels& models, const Frame& frame) {
    double most = 0;
    for (const TargetFrame& target : targets) {
        double bytes = view_shape(target.transforms, frame, target.target->model_side).bytes();
        for (const ModelUse& use : target.target->uses) bytes += models.models[use.model].model->working_bytes(1);
        most = std::max(most, bytes);
    }
    return most;
}

std::int64_t views_at_once(double bytes_per_view) {
    if (bytes_per_view <= 0) return kMostViews;
    return std::clamp(static_cast<std::int64_t>(std::min(kBatchBytes / bytes_per_view, 1e6)), std::int64_t{1}, kMostViews);
}

std::int64_t BatchSize::choose(const std::vector<TargetFrame>& targets, const RunModels& models, const Frame& frame,
                               std::vector<std::string>& warnings) {
    const double bytes = bytes_per_view(targets, models, frame);
    if (bytes == bytes_) return chosen_;
    bytes_ = bytes;
    chosen_ = std::min(views_at_once(bytes), most_);
    if (deterministic_) return chosen_;
    const double available = available_memory();
    const std::int64_t wanted = chosen_;
    while (chosen_ > 1 && static_cast<double>(chosen_) * bytes > available) chosen_ /= 2;
    if (chosen_ < wanted && !std::exchange(told_, true)) {
        warnings.push_back(fmt::format("{} of memory are free: views go through the models {} at a time instead of {}",
                                       byte_text(available), chosen_, wanted));
    }
    return chosen_;
}

bool BatchSize::halve(std::vector<std::string>& warnings) {
    if (deterministic_ || chosen_ <= 1) return false;
    most_ = chosen_ = chosen_ / 2;
    if (!std::exchange(told_, true)) {
        warnings.push_back(fmt::format("the device has too little memory: views go through the models {} at a time from here on", chosen_));
    }
    return true;
}

}  // namespace clipig
