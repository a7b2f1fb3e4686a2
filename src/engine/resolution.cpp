#include "engine/resolution.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/memory.h"

namespace clipig {

Frame frame_of(const Config& stage, std::size_t number, std::uint64_t seed, std::int64_t epoch) {
    Frame frame;
    frame.seed = seed + number * 0x9E3779B97F4A7C15u;  // each stage counts its epochs anew, but shall not draw the same numbers
    frame.variables.epoch = epoch;
    frame.variables.epochs = stage.top["epochs"].integer();
    return frame;
}

std::array<std::int64_t, 2> resolution_at(const Config& config, const Frame& frame) {
    const Setting& setting = config.top["resolution"];
    Random stream = frame.expression_stream(setting.path());
    const auto size = setting.integers(frame.variables, stream);
    return {size[0], size[1]};
}

void require_room(const Config& config, const std::array<std::int64_t, 2>& size) {
    // pixels, gradient, two moments, and the copies of a snapshot
    const double bytes = 6.0 * 3 * sizeof(float) * static_cast<double>(size[0]) * static_cast<double>(size[1]);
    if (bytes <= 256e6) return;
    try {
        require_memory(bytes, fmt::format("resolution: {} x {} pixels", size[0], size[1]), "choose a smaller resolution");
    } catch (const InputError& error) {
        throw ConfigError(config.top["resolution"].complaint(error.what()));
    }
}

void each_resolution(const Config& stage, std::size_t number, std::uint64_t seed, const std::function<void(const Frame&)>& show) {
    const Setting& setting = stage.top["resolution"];
    const bool fixed = setting.uses() == kNoVariables && !setting.uses_random();
    const std::int64_t epochs = stage.top["epochs"].integer();
    for (std::int64_t epoch = 0; epoch < (fixed ? std::min<std::int64_t>(epochs, 1) : epochs); ++epoch) {
        Frame frame = frame_of(stage, number, seed, epoch);
        frame.variables.resolution = resolution_at(stage, frame);
        show(frame);
    }
}

}  // namespace clipig
