#include "config/section_parts.h"

#include <utility>

namespace clipig::sections {

FieldSpec field(std::string name, FieldType type, std::string default_text, std::string doc) {
    FieldSpec spec;
    spec.name = std::move(name);
    spec.type = type;
    spec.default_text = std::move(default_text);
    spec.nullable = spec.default_text == "null";
    spec.doc = std::move(doc);
    return spec;
}

FieldSpec count(FieldSpec spec, int n) {
    spec.counts = {n};
    return spec;
}

FieldSpec any_number(FieldSpec spec) {
    spec.list = true;
    return spec;
}

FieldSpec at_least(FieldSpec spec, double minimum) {
    spec.minimum = minimum;
    return spec;
}

FieldSpec at_most(FieldSpec spec, double maximum) {
    spec.maximum = maximum;
    return spec;
}

FieldSpec below_one(FieldSpec spec) { return at_most(std::move(spec), 0.999999); }

FieldSpec sees(FieldSpec spec, unsigned groups) {
    spec.groups = groups;
    return spec;
}

FieldSpec unit(FieldSpec spec, std::string name) {
    spec.unit = std::move(name);
    return spec;
}

FieldSpec one_of(FieldSpec spec, std::vector<std::string> choices) {
    spec.choices = std::move(choices);
    return spec;
}

FieldSpec operator_of(std::string name, std::string kind, std::string default_text, std::string doc) {
    FieldSpec spec = field(std::move(name), FieldType::op, std::move(default_text), std::move(doc));
    spec.operator_kind = std::move(kind);
    return spec;
}

FieldSpec part(std::string name, std::string doc, std::string default_text) {
    return field(std::move(name), FieldType::any, std::move(default_text), std::move(doc));
}

FieldSpec more_than_zero(FieldSpec spec) {
    spec.minimum = 0;
    spec.minimum_exclusive = true;
    return spec;
}

FieldSpec nested(std::string name, std::string section, std::string doc) {
    FieldSpec spec = field(std::move(name), FieldType::section, "null", std::move(doc));
    spec.operator_kind = std::move(section);
    return spec;
}

FieldSpec start_field() {
    return field("start", FieldType::frame_time, "0.0", "First frame at which it acts: int = epoch, float = fraction of the run, `30%`.");
}

FieldSpec end_field() {
    return field("end", FieldType::frame_time, "1.0",
                 "Last frame at which it acts (inclusive): int = epoch, float = fraction of the run, `30%`.");
}

FieldSpec active_field() { return field("active", FieldType::boolean, "true", "`false` switches it off."); }

OperatorSpec section(std::string name, std::string summary, std::string details, std::string example, std::vector<FieldSpec> fields) {
    OperatorSpec spec;
    spec.kind = "section";
    spec.name = std::move(name);
    spec.summary = std::move(summary);
    spec.details = std::move(details);
    spec.example = std::move(example);
    spec.fields = std::move(fields);
    return spec;
}

}  // namespace clipig::sections
