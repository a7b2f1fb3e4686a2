// One moment of a run: the variables that expressions see and the random streams of this epoch.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/random.h"
#include "config/config.h"

namespace clipig {

struct Frame {
    std::uint64_t seed = 0;
    Variables variables;

    /// The stream for the expressions of one parameter in this epoch: keyed by its path, so that an edit elsewhere in
    /// the file does not change it. `view` separates evaluations for single views.
    [[nodiscard]] Random expression_stream(std::string_view path, std::uint32_t view = 0) const;
};

/// True when `epoch` lies between the settings `start` and `end`, both inclusive, of a run of `epochs` epochs.
[[nodiscard]] bool in_schedule(const Settings& settings, std::int64_t epoch, std::int64_t epochs);

/// The value of a float parameter in this frame; `similarity` (100 x cosine) is put into the variables for it.
[[nodiscard]] double real_at(const Setting& setting, const Frame& frame);
[[nodiscard]] double real_at(const Setting& setting, const Frame& frame, double similarity, std::uint32_t view = 0);

}  // namespace clipig
