// The size of the picture from one epoch to the next.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "engine/frame.h"

namespace clipig {

/// An epoch of stage `number` of a run, counted from the stage's beginning; the picture's size is not in it.
[[nodiscard]] Frame frame_of(const Config& stage, std::size_t number, std::uint64_t seed, std::int64_t epoch);

/// Width and height in this frame. Throws ConfigError for an expression that fails.
[[nodiscard]] std::array<std::int64_t, 2> resolution_at(const Config& config, const Frame& frame);

/// Throws ConfigError at the parameter when a run with pictures of this size does not fit into memory.
void require_room(const Config& config, const std::array<std::int64_t, 2>& size);

/// Shows the frames of all epochs of a stage, with the picture's size; the first one only where the size stays the same. Throws
/// ConfigError.
void each_resolution(const Config& stage, std::size_t number, std::uint64_t seed, const std::function<void(const Frame&)>& show);

}  // namespace clipig
