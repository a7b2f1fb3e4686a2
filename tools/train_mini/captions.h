// Scenes in words, and what a caption claims: so that a caption that fits another picture too is not counted against it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scene.h"

namespace clipig::mini {

struct Caption {
    std::string text;
    std::vector<std::uint64_t> claims;  ///< sorted hashes of what it says: names, counts, places, colours
    bool named = true;                  ///< every thing is called by its own name
};

/// One wording of many. `full`: says everything that can be said (tests), in one of a few wordings.
[[nodiscard]] Caption describe(const World& world, const Scene& scene, bool full, Random& random);

/// Everything that a caption could claim of the scene and be right; sorted. A caption fits when its claims are a subset.
[[nodiscard]] std::vector<std::uint64_t> truths(const World& world, const Scene& scene);

[[nodiscard]] bool fits(const std::vector<std::uint64_t>& claims, const std::vector<std::uint64_t>& truths);

/// `strawberries`, `pieces of cake`, `boxes`
[[nodiscard]] std::string plural(const std::string& name);
/// `a strawberry`, `an apple`, `grapes`
[[nodiscard]] std::string with_article(const std::string& name);

}  // namespace clipig::mini
