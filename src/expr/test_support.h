// Shared by the tests of the expression language.
#pragma once

#include <memory>
#include <string>

#include "expr/expression.h"

namespace clipig::test {

inline constexpr unsigned kAllGroups = kTime | kResolution | kLearnrate | kSimilarity | kPosition;

inline Variables example_variables() {
    Variables variables;
    variables.epoch = 7;
    variables.epochs = 15;  // so that time is exactly 0.5
    variables.resolution = {640, 480};
    variables.learnrate = 0.25;
    variables.learnrate_scale = 2;
    variables.similarity = 23.5;
    variables.x = 0.125;
    variables.y = 0.75;
    return variables;
}

/// The expression as it stands behind `weight: ` in the second line of a file.
inline Expression compile(const std::string& text, unsigned groups = kAllGroups, const std::string& path = "targets[0].weight") {
    const auto source = std::make_shared<const SourceText>(SourceText{"a.yaml", "targets:\n- weight: " + text + "\n"});
    return Expression::compile(text, {source, 2, 11}, path, groups);
}

inline Value evaluate(const std::string& text) {
    Random random(RandomAddress{1});
    return compile(text).evaluate(example_variables(), random);
}

inline std::string repr_of(const std::string& text) {
    try {
        return evaluate(text).repr();
    } catch (const ConfigError& error) {
        return error.what();
    }
}

/// The rendered error of compiling or evaluating; `no error` when there is none.
inline std::string error_of(const std::string& text, unsigned groups = kAllGroups, const std::string& path = "targets[0].weight") {
    try {
        Random random(RandomAddress{1});
        (void)compile(text, groups, path).evaluate(example_variables(), random);
    } catch (const ConfigError& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace clipig::test
