#include "config/schema.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace clipig {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kTypeNames{"boolean", "integer", "real", "text", "frame_time", "interval", "op", "any", "section"};

Json field_json(const FieldSpec& field) {
    Json json{{"name", field.name},
              {"type", kTypeNames.at(static_cast<std::size_t>(field.type))},
              {"default", field.default_text},
              {"doc", field.doc}};
    if (field.counts != std::vector<int>{1}) json["counts"] = field.counts;
    if (field.list) json["list"] = true;
    if (field.nullable) json["nullable"] = true;
    if (field.required) json["required"] = true;
    if (field.named_only) json["named_only"] = true;
    if (std::isfinite(field.minimum)) json["minimum"] = field.minimum;
    if (std::isfinite(field.maximum)) json["maximum"] = field.maximum;
    if (field.minimum_exclusive) json["minimum_exclusive"] = true;
    if (!field.choices.empty()) json["choices"] = field.choices;
    if (field.groups != kNoVariables) json["groups"] = field.groups;
    if (!field.operator_kind.empty()) json["operator_kind"] = field.operator_kind;
    if (!field.unit.empty()) json["unit"] = field.unit;
    return json;
}

FieldSpec field_from(const Json& json) {
    FieldSpec field;
    field.name = json.at("name");
    const std::string type = json.at("type");
    const auto found = std::find(kTypeNames.begin(), kTypeNames.end(), type);
    if (found == kTypeNames.end()) throw InputError("schema: unknown type '" + type + "' of the parameter '" + field.name + "'");
    field.type = static_cast<FieldType>(found - kTypeNames.begin());
    field.default_text = json.at("default");
    field.doc = json.at("doc");
    field.counts = json.value("counts", std::vector<int>{1});
    field.list = json.value("list", false);
    field.nullable = json.value("nullable", false);
    field.required = json.value("required", false);
    field.named_only = json.value("named_only", false);
    field.minimum = json.value("minimum", field.minimum);
    field.maximum = json.value("maximum", field.maximum);
    field.minimum_exclusive = json.value("minimum_exclusive", false);
    field.choices = json.value("choices", std::vector<std::string>{});
    field.groups = json.value("groups", 0u);
    field.operator_kind = json.value("operator_kind", std::string());
    field.unit = json.value("unit", std::string());
    return field;
}

Json operator_json(const OperatorSpec& spec) {
    Json fields = Json::array();
    for (const FieldSpec& field : spec.fields) fields.push_back(field_json(field));
    Json json{{"kind", spec.kind}, {"name", spec.name}, {"summary", spec.summary}, {"details", spec.details}, {"example", spec.example}};
    json["fields"] = std::move(fields);
    json["aliases"] = spec.aliases;
    json["keeps_resolution"] = spec.keeps_resolution;
    json["random"] = spec.random;
    if (!spec.gradient_note.empty()) json["gradient_note"] = spec.gradient_note;
    return json;
}

OperatorSpec operator_from(const Json& json) {
    OperatorSpec spec;
    spec.kind = json.at("kind");
    spec.name = json.at("name");
    spec.summary = json.at("summary");
    spec.details = json.at("details");
    spec.example = json.at("example");
    for (const Json& field : json.at("fields")) spec.fields.push_back(field_from(field));
    spec.aliases = json.at("aliases").get<std::vector<std::string>>();
    spec.keeps_resolution = json.at("keeps_resolution");
    spec.random = json.at("random");
    spec.gradient_note = json.value("gradient_note", std::string());
    return spec;
}

}  // namespace

const FieldSpec* OperatorSpec::field(std::string_view wanted) const {
    const auto found = std::find_if(fields.begin(), fields.end(), [&](const FieldSpec& f) { return f.name == wanted; });
    return found == fields.end() ? nullptr : &*found;
}

const OperatorSpec* Schema::find(std::string_view kind, std::string_view name) const {
    const auto found = std::find_if(operators.begin(), operators.end(), [&](const OperatorSpec& spec) {
        return spec.kind == kind && (spec.name == name || std::find(spec.aliases.begin(), spec.aliases.end(), name) != spec.aliases.end());
    });
    return found == operators.end() ? nullptr : &*found;
}

std::vector<std::string> Schema::names(std::string_view kind) const {
    std::vector<std::string> result;
    for (const OperatorSpec& spec : operators) {
        if (spec.kind == kind) result.push_back(spec.name);
    }
    return result;
}

std::string schema_to_json(const Schema& schema) {
    Json operators = Json::array();
    for (const OperatorSpec& spec : schema.operators) operators.push_back(operator_json(spec));
    return Json{{"operators", std::move(operators)}}.dump(1) + "\n";
}

Schema schema_from_json(std::string_view text) {
    try {
        Schema schema;
        const Json json = Json::parse(text);
        for (const Json& spec : json.at("operators")) schema.operators.push_back(operator_from(spec));
        return schema;
    } catch (const Json::exception& error) {
        throw InputError(std::string("schema: ") + error.what());
    }
}

}  // namespace clipig
