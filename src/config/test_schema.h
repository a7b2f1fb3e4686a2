// A small schema for the tests of this floor: the real sections, and a few operators shaped like the real ones.
#pragma once

#include <memory>
#include <string>

#include "config/config.h"
#include "config/sections.h"

namespace clipig::test {

inline FieldSpec make_field(std::string name, FieldType type, int count, std::string default_text,
                            unsigned groups = kTime | kResolution | kLearnrate) {
    FieldSpec field;
    field.name = std::move(name);
    field.type = type;
    field.counts = {count};
    field.required = default_text == "required";
    field.nullable = default_text == "null";
    field.default_text = field.required ? "" : std::move(default_text);
    field.groups = groups;
    field.doc = "For tests.";
    return field;
}

inline OperatorSpec make_operator(std::string kind, std::string name, std::vector<FieldSpec> fields, bool keeps_resolution = false) {
    OperatorSpec spec;
    spec.kind = std::move(kind);
    spec.name = std::move(name);
    spec.summary = "For tests.";
    spec.example = spec.name + ": 1";
    spec.fields = std::move(fields);
    spec.keeps_resolution = keeps_resolution;
    return spec;
}

inline OperatorSpec make_constraint(std::string name, std::vector<FieldSpec> fields) {
    constexpr unsigned kAll = kTime | kResolution | kLearnrate | kSimilarity;
    fields.push_back(make_field("weight", FieldType::real, 1, "1", kAll));
    fields.push_back(make_field("start", FieldType::frame_time, 1, "0.0", 0));
    fields.push_back(make_field("end", FieldType::frame_time, 1, "1.0", 0));
    FieldSpec loss = make_field("loss", FieldType::text, 1, "l2", 0);
    loss.choices = {"l2", "mse", "l1", "mae"};
    fields.push_back(std::move(loss));
    return make_operator("constraint", std::move(name), std::move(fields));
}

inline Schema make_schema() {
    using enum FieldType;
    Schema schema{section_specs()};
    auto& operators = schema.operators;
    FieldSpec kernel = make_field("kernel_size", integer, 2, "3");
    kernel.minimum = 1;
    FieldSpec mode = make_field("mode", text, 1, "fill", 0);
    mode.choices = {"fill", "edge", "wrap"};
    FieldSpec interpolation = make_field("interpolation", text, 1, "linear");
    interpolation.choices = {"nearest", "linear", "cubic"};
    FieldSpec offset = make_field("offset", real, 2, "required");
    offset.counts = {2, 4};
    operators.push_back(make_operator("transform", "blur", {kernel, make_field("sigma", real, 2, "null")}, true));
    operators.push_back(make_operator("transform", "mul", {make_field("color", real, 3, "required")}, true));
    operators.push_back(
        make_operator("transform", "edge", {kernel, make_field("sigma", real, 2, "null"), make_field("amount", real, 3, "1")}, true));
    operators.push_back(
        make_operator("transform", "pad", {make_field("size", integer, 2, "required"), make_field("color", real, 3, "0"), mode}));
    operators.push_back(make_operator("transform", "random_crop", {make_field("size", integer, 2, "required")}));
    operators.push_back(make_operator("transform", "random_shift", {offset}, true));
    operators.push_back(make_operator("transform", "random_scale", {make_field("scale", real, 2, "required"), interpolation}, true));
    operators.push_back(make_operator(
        "transform", "rotate", {make_field("degree", real, 1, "required"), make_field("center", real, 2, "0.5"), interpolation}, true));
    operators.push_back(make_constraint("mean", {make_field("above", real, 3, "null"), make_field("below", real, 3, "null")}));
    operators.push_back(make_constraint("blur", {kernel, make_field("sigma", real, 2, "null")}));
    operators.push_back(make_constraint("normalize", {make_field("min", real, 3, "0"), make_field("max", real, 3, "1")}));
    operators.push_back(make_operator("optimizer", "adam", {make_field("beta1", real, 1, "0.9", 0)}));
    operators.push_back(make_operator("optimizer", "rmsprob", {}));
    operators.back().aliases = {"rmsprop"};
    operators.push_back(make_operator("pixels", "rgb", {}));
    for (const char* loss : {"cosine", "l1", "l2"}) operators.push_back(make_operator("loss", loss, {}));
    operators.back().aliases = {"mse"};
    return schema;
}

inline std::shared_ptr<const Schema> shared_schema() {
    static const auto schema = std::make_shared<const Schema>(make_schema());
    return schema;
}

inline Node parse(const std::string& text) { return parse_yaml(std::make_shared<SourceText>(SourceText{"a.yaml", text})); }

inline Config configure(const std::string& text) { return validate(parse(text), shared_schema()); }

/// The rendered complaints about a text, or nothing when it is fine.
inline std::string complaints(const std::string& text) {
    try {
        (void)configure(text);
    } catch (const ConfigError& error) {
        return error.what();
    }
    return {};
}

/// The settings of the only transform: `one("blur: 3 .35")`.
inline Settings one(const std::string& transform) {
    static std::shared_ptr<const Schema> keep = shared_schema();
    return configure("targets:\n  - transforms:\n      - " + transform + "\n").targets.at(0).transforms.at(0);
}

inline std::vector<double> reals(const Settings& settings, const char* name, const Variables& variables = {}) {
    Random random{RandomAddress{}};
    return settings[name].reals(variables, random);
}

}  // namespace clipig::test
