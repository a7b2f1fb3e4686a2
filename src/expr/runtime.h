// What an expression has at hand while it runs, and how its failures travel to the place that knows the source.
#pragma once

#include <cstdint>
#include <string>

#include "expr/expression.h"

namespace clipig::expr {

/// A failure while evaluating; the evaluator adds the place. Never leaves the library.
struct Failure {
    std::string message;
};

[[noreturn]] inline void fail(std::string message) { throw Failure{std::move(message)}; }

inline constexpr std::size_t kMaxElements = 1'000'000;  ///< entries of a list, bytes of a string
inline constexpr std::int64_t kMaxWork = 4'000'000;     ///< entries touched by one evaluation: well below a second

struct Runtime {
    const Variables& variables;
    Random& random;
    std::int64_t work_left = kMaxWork;

    /// Account for touching `count` entries; fails when the expression does too much.
    void spend(std::size_t count) {
        work_left -= static_cast<std::int64_t>(count < kMaxElements * 100 ? count : kMaxElements * 100);
        if (work_left < 0) fail("the expression takes too much work");
    }
    /// As spend(), for the size of a new list or string.
    void spend_new(std::size_t count) {
        if (count > kMaxElements) fail("result too large: more than 1000000 entries");
        spend(count);
    }
};

}  // namespace clipig::expr
