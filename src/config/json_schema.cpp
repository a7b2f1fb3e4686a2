// JSON Schema (draft 2020-12, https://json-schema.org/draft/2020-12) for editors that complete and check YAML files.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "config/config.h"
#include "config/values.h"

namespace clipig {
namespace {

using Json = nlohmann::ordered_json;

Json reference(const std::string& name) { return {{"$ref", "#/$defs/" + name}}; }

/// One entry of a parameter; every number may also be an expression.
Json entry_schema(const FieldSpec& field) {
    if (field.type == FieldType::any) return Json::object();
    if (field.type == FieldType::text) {
        if (field.choices.empty()) return {{"type", {"string", "number", "boolean"}}};
        Json choices{{"enum", field.choices}};
        return field.groups == kNoVariables ? choices : Json{{"anyOf", {choices, {{"type", "string"}}}}};
    }
    if (field.type == FieldType::boolean) return {{"type", {"boolean", "string"}}};
    if (field.type == FieldType::op) return reference("choice_" + field.operator_kind);
    if (field.type == FieldType::section)
        return {{"anyOf", {reference("section_" + field.operator_kind), {{"type", {"string", "number"}}}}}};
    Json number{{"type", field.type == FieldType::integer ? "integer" : "number"}};
    if (std::isfinite(field.minimum)) number[field.minimum_exclusive ? "exclusiveMinimum" : "minimum"] = field.minimum;
    if (std::isfinite(field.maximum)) number["maximum"] = field.maximum;
    return {{"anyOf", {number, {{"type", "string"}}}}};
}

Json field_schema(const FieldSpec& field) {
    Json schema = entry_schema(field);
    if (is_multiple(field)) {
        Json list{{"type", "array"}, {"items", entry_schema(field)}};
        if (!field.list) {
            list["minItems"] = 1;
            list["maxItems"] = *std::max_element(field.counts.begin(), field.counts.end());
        }
        schema = {{"anyOf", {entry_schema(field), list}}};
    }
    if (field.nullable) schema = {{"anyOf", {schema, {{"type", "null"}}}}};
    schema["description"] = field.doc;
    return schema;
}

Json section_schema(const OperatorSpec& spec) {
    Json properties = Json::object();
    Json required = Json::array();
    for (const FieldSpec& field : spec.fields) {
        properties[field.name] = field_schema(field);
        if (field.required) required.push_back(field.name);
    }
    Json schema{{"type", "object"}, {"description", spec.summary}, {"properties", std::move(properties)}, {"additionalProperties", false}};
    if (!required.empty()) schema["required"] = std::move(required);
    return schema;
}

/// The value behind an operator's name: a map, or shorthand.
Json operator_schema(const OperatorSpec& spec) {
    Json shorthand{{"type", {"number", "string", "array", "boolean"}}};
    Json choices = Json::array({section_schema(spec), shorthand});
    bool needs_value = false;
    for (const FieldSpec& field : spec.fields) needs_value = needs_value || field.required;
    if (!needs_value) choices.push_back({{"type", "null"}});
    return {{"description", spec.summary}, {"anyOf", std::move(choices)}};
}

Json word_of(const Schema& schema, std::string_view kind, bool keeping_resolution) {
    Json names = Json::array();
    for (const OperatorSpec& spec : schema.operators) {
        bool bare = spec.kind == kind && (!keeping_resolution || spec.keeps_resolution);
        for (const FieldSpec& field : spec.fields) bare = bare && !field.required;
        if (bare) names.push_back(spec.name);
    }
    return {{"enum", std::move(names)}};
}

/// An entry of a list of operators: one operator, with `beside` as further keys.
Json operator_entry(const Schema& schema, std::string_view kind, const std::vector<const FieldSpec*>& beside, bool keeping_resolution) {
    Json choices = Json::array();
    if (const Json words = word_of(schema, kind, keeping_resolution); !words["enum"].empty()) choices.push_back(words);
    for (const OperatorSpec& spec : schema.operators) {
        if (spec.kind != kind || (keeping_resolution && !spec.keeps_resolution)) continue;
        Json properties{{spec.name, operator_schema(spec)}};
        for (const FieldSpec* field : beside) properties[field->name] = field_schema(*field);
        choices.push_back(
            {{"type", "object"}, {"properties", std::move(properties)}, {"required", {spec.name}}, {"additionalProperties", false}});
    }
    return {{"anyOf", std::move(choices)}};
}

/// `adam`, or `{adam: {beta1: .8}}`.
Json choice(const Schema& schema, const std::string& kind) {
    Json properties = Json::object();
    Json names = Json::array();
    for (const OperatorSpec& spec : schema.operators) {
        if (spec.kind != kind) continue;
        names.push_back(spec.name);
        for (const std::string& alias : spec.aliases) names.push_back(alias);
        properties[spec.name] = operator_schema(spec);
    }
    Json map{{"type", "object"},
             {"properties", std::move(properties)},
             {"minProperties", 1},
             {"maxProperties", 1},
             {"additionalProperties", false}};
    return {{"anyOf", {{{"type", "string"}, {"examples", std::move(names)}}, std::move(map)}}};
}

Json list_of(Json items, const std::string& description) {
    return {{"type", {"array", "null"}}, {"items", std::move(items)}, {"description", description}};
}

void put_list(Json& section, const OperatorSpec& spec, const std::string& key, Json items) {
    section["properties"][key] = list_of(std::move(items), spec.field(key)->doc);
}

}  // namespace

std::string json_schema(const Schema& schema) {
    std::vector<const FieldSpec*> beside_effect;
    for (const FieldSpec& field : schema.section("postproc").fields) beside_effect.push_back(&field);
    std::vector<const FieldSpec*> beside_constraint;
    for (const OperatorSpec& spec : schema.operators) {
        if (spec.kind != "constraint" || !beside_constraint.empty()) continue;
        for (const char* name : {"weight", "start", "end", "loss", "mask"}) {
            if (const FieldSpec* field = spec.field(name)) beside_constraint.push_back(field);
        }
    }
    std::vector<const FieldSpec*> beside_transform;
    for (const OperatorSpec& spec : schema.operators) {
        if (spec.kind != "transform" || !beside_transform.empty()) continue;
        for (const FieldSpec& field : spec.fields) {
            if (field.named_only) beside_transform.push_back(&field);
        }
    }
    for (const FieldSpec* field : beside_transform) {
        if (field->name == "p") beside_effect.push_back(field);
    }
    Json target = section_schema(schema.section("target"));
    put_list(target, schema.section("target"), "features", reference("feature"));
    put_list(target, schema.section("target"), "transforms", reference("transform"));
    put_list(target, schema.section("target"), "constraints", reference("constraint"));
    Json top = section_schema(schema.section("top"));
    put_list(top, schema.section("top"), "targets", reference("target"));
    put_list(top, schema.section("top"), "postproc", reference("effect"));
    top["properties"]["init"] = reference("init");
    Json stage = section_schema(schema.section("stage"));
    put_list(stage, schema.section("stage"), "targets", reference("target"));
    put_list(stage, schema.section("stage"), "postproc", reference("effect"));
    put_list(top, schema.section("top"), "stages", reference("stage"));
    top["properties"]["matrix"] = {
        {"type", "object"}, {"additionalProperties", {{"type", "array"}}}, {"description", schema.section("top").field("matrix")->doc}};
    const Json name{{"type", "string"}};
    top["properties"]["include"] = {{"anyOf", {name, {{"type", "array"}, {"items", name}}}},
                                    {"description", schema.section("top").field("include")->doc}};
    top["properties"]["video"] = {{"anyOf", {{{"type", {"boolean", "null"}}}, {{"enum", {"mp4", "webp"}}}, reference("video")}}};
    top["properties"]["animate"] = {{"anyOf", {{{"enum", {false, nullptr}}}, reference("animate")}}};

    Json result{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "clipig experiment"}};
    result.update(top);
    result["$defs"] = {{"init", section_schema(schema.section("init"))},
                       {"video", section_schema(schema.section("video"))},
                       {"animate", section_schema(schema.section("animate"))},
                       {"target", std::move(target)},
                       {"stage", std::move(stage)},
                       {"feature", section_schema(schema.section("feature"))},
                       {"transform", operator_entry(schema, "transform", beside_transform, false)},
                       {"constraint", operator_entry(schema, "constraint", beside_constraint, false)},
                       {"effect", operator_entry(schema, "transform", beside_effect, true)},
                       {"section_mask", section_schema(schema.section("mask"))},
                       {"section_gradient", section_schema(schema.section("gradient"))},
                       {"choice_optimizer", choice(schema, "optimizer")},
                       {"choice_pixels", choice(schema, "pixels")},
                       {"choice_loss", choice(schema, "loss")}};
    return result.dump(2) + "\n";
}

}  // namespace clipig
