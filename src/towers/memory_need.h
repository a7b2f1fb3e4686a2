// How much memory a network takes, known from its sizes alone: for choosing how many views go through it at once, and for telling the
// user before a run.
#pragma once

#include <cstddef>
#include <cstdint>

#include "towers/architecture.h"

namespace clipig {

/// How a network computes: with packed weights (fast_tower.h) or stock operations, in numbers of so many bytes.
struct ComputeKind {
    bool fast = true;
    std::size_t element = 4;
};

/// Bytes that `count` views take in the image tower until the gradient at the views is there. Exact to a few per cent for fast
/// towers; for stock operations what autograd keeps, counted by hand.
[[nodiscard]] double working_bytes(const Architecture& net, ComputeKind kind, std::int64_t count);

/// Bytes of the weights of both towers as they are held for computing.
[[nodiscard]] double weight_bytes(const Architecture& net, ComputeKind kind);

}  // namespace clipig
