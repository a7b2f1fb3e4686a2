// Operators by the YAML that a user writes: `blur: {kernel_size: 5}`.
#pragma once

#include <memory>
#include <string>

#include "config/config.h"
#include "ops/constraint.h"
#include "ops/full_schema.h"
#include "ops/transform.h"

namespace clipig::testing {

inline std::shared_ptr<const Schema> schema() {
    static const auto all = std::make_shared<const Schema>(full_schema());
    return all;
}

/// A configuration whose only target has one entry in `transforms` or `constraints`.
inline Config config_of(const std::string& kind, const std::string& yaml) {
    const std::string text = "targets:\n  - " + kind + "s:\n      - " + yaml + "\n";
    return validate(parse_yaml(std::make_shared<const SourceText>(SourceText{"test.yaml", text})), schema());
}

inline std::unique_ptr<Transform> transform_of(const std::string& yaml, const Variables& variables = {}) {
    const Config config = config_of("transform", yaml);
    const Settings& settings = config.targets.at(0).transforms.at(0);
    Random random({});
    return Registry<Transform>::instance().find(settings.spec->name)->make(settings, variables, random);
}

inline std::unique_ptr<Constraint> constraint_of(const std::string& yaml, const Variables& variables = {}) {
    const Config config = config_of("constraint", yaml);
    const Settings& settings = config.targets.at(0).constraints.at(0);
    Random random({});
    return Registry<Constraint>::instance().find(settings.spec->name)->make(settings, variables, random);
}

}  // namespace clipig::testing
