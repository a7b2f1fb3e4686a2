// From the settings of an operator to the operator as it is in one epoch.
#pragma once

#include <memory>
#include <vector>

#include "engine/frame.h"
#include "ops/registry.h"
#include "ops/transform.h"

namespace clipig {

/// The operator that `settings` describes, with its parameters evaluated in this frame. `similarity` (100 x cosine) is what its
/// expressions see under that name. Throws ConfigError for an expression that fails.
template <class Base>
[[nodiscard]] std::unique_ptr<Base> make_operator(const Settings& settings, const Frame& frame, double similarity = 0) {
    Variables variables = frame.variables;
    variables.similarity = similarity;
    Random stream = frame.expression_stream(settings.path);
    return Registry<Base>::instance().find(settings.spec->name)->make(settings, variables, stream);
}

using Transforms = std::vector<std::unique_ptr<Transform>>;

/// The transforms of a list, null where one is not scheduled in this frame. Throws ConfigError for an expression that fails.
[[nodiscard]] Transforms make_transforms(const std::vector<Settings>& list, const Frame& frame);

}  // namespace clipig
