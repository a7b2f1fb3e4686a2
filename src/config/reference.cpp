// Reference pages, made from the declarations.
#include <array>
#include <cmath>

#include "base/text.h"
#include "config/config.h"
#include "config/values.h"

namespace clipig {
namespace {

struct GroupName {
    unsigned bit;
    const char* name;
};
constexpr std::array kGroupNames{GroupName{kTime, "time"}, GroupName{kResolution, "resolution"}, GroupName{kLearnrate, "learnrate"},
                                 GroupName{kSimilarity, "similarity"}, GroupName{kPosition, "position"}};

std::string type_text(const FieldSpec& field) {
    static constexpr std::array kNames{"bool", "int", "float", "text", "frame time", "int or float", "", "any", ""};
    std::string name = field.type == FieldType::op || field.type == FieldType::section ? field.operator_kind
                                                                                       : kNames.at(static_cast<std::size_t>(field.type));
    if (field.list) return name + "[]";
    std::string counts;
    for (const int n : field.counts) counts += (counts.empty() ? "" : " or ") + std::to_string(n);
    return is_multiple(field) ? name + "[" + counts + "]" : name;
}

std::string range_and_unit(const FieldSpec& field) {
    std::vector<std::string> parts;
    const bool low = std::isfinite(field.minimum);
    const bool high = std::isfinite(field.maximum);
    const std::string least = (field.minimum_exclusive ? "> " : ">= ") + number_text(field.minimum);
    if (low && high) {
        parts.push_back(field.minimum_exclusive ? least + ", <= " + number_text(field.maximum)
                                                : number_text(field.minimum) + "..." + number_text(field.maximum));
    } else if (low || high) {
        parts.push_back(low ? least : "<= " + number_text(field.maximum));
    }
    if (!field.unit.empty()) parts.push_back(field.unit);
    if (!field.choices.empty()) parts.push_back(join(field.choices, ", "));
    return join(parts, ", ");
}

std::string variables_text(const FieldSpec& field) {
    std::vector<std::string> names;
    for (const GroupName& group : kGroupNames) {
        if ((field.groups & group.bit) != 0) names.emplace_back(group.name);
    }
    return join(names, ", ");
}

/// `|` would end a cell of the table.
std::string cell(const std::string& text) {
    std::string result;
    for (const char c : text) result += c == '|' ? std::string("\\|") : std::string(1, c);
    return result;
}

std::string default_cell(const FieldSpec& field) {
    if (field.required) return "required";
    return field.default_text.empty() ? "" : "`" + cell(field.default_text) + "`";
}

std::string table(const OperatorSpec& spec) {
    std::string text = "| parameter | type | default | range, unit | sees | meaning |\n|---|---|---|---|---|---|\n";
    for (const FieldSpec& field : spec.fields) {
        text += "| `" + field.name + "` | " + type_text(field) + " | " + default_cell(field) + " | " + cell(range_and_unit(field)) + " | " +
                variables_text(field) + " | " + cell(field.doc) + " |\n";
    }
    return text;
}

std::string remarks(const OperatorSpec& spec) {
    std::string text;
    if (!spec.aliases.empty()) text += "Also written " + join(spec.aliases, ", ") + ".\n\n";
    if (spec.random) text += "Draws random numbers, anew for each view.\n\n";
    if (spec.keeps_resolution) text += "Keeps the resolution: may also be an effect in `postproc`.\n\n";
    return text;
}

}  // namespace

std::string reference_page(const OperatorSpec& spec) {
    const bool section = spec.kind == "section";
    std::string text = (section ? "# Section " : "# ") + spec.name + "\n\n";
    if (!section) text += "*" + spec.kind + "*: ";
    text += spec.summary + "\n\n";
    if (!spec.details.empty()) text += spec.details + "\n\n";
    text += remarks(spec);
    text += spec.fields.empty() ? "No parameters.\n" : table(spec);
    if (!spec.example.empty()) text += "\n```yaml\n" + spec.example + (spec.example.ends_with('\n') ? "" : "\n") + "```\n";
    return text;
}

}  // namespace clipig
