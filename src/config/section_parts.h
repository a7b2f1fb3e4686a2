// How the sections of a configuration are written down, and the ones that section_specs() puts together.
#pragma once

#include <string>
#include <vector>

#include "config/schema.h"

namespace clipig::sections {

inline constexpr unsigned kAllGroups = kTime | kResolution | kLearnrate | kSimilarity;

[[nodiscard]] FieldSpec field(std::string name, FieldType type, std::string default_text, std::string doc);
[[nodiscard]] FieldSpec operator_of(std::string name, std::string kind, std::string default_text, std::string doc);
/// A list or map of its own: named here for the reference page, read by validate().
[[nodiscard]] FieldSpec part(std::string name, std::string doc, std::string default_text = "[]");
[[nodiscard]] FieldSpec nested(std::string name, std::string section, std::string doc);

// The field with something more that is true of it.
[[nodiscard]] FieldSpec count(FieldSpec spec, int n);
[[nodiscard]] FieldSpec any_number(FieldSpec spec);
[[nodiscard]] FieldSpec at_least(FieldSpec spec, double minimum);
[[nodiscard]] FieldSpec at_most(FieldSpec spec, double maximum);
[[nodiscard]] FieldSpec below_one(FieldSpec spec);
[[nodiscard]] FieldSpec more_than_zero(FieldSpec spec);
[[nodiscard]] FieldSpec sees(FieldSpec spec, unsigned groups);
[[nodiscard]] FieldSpec unit(FieldSpec spec, std::string name);
[[nodiscard]] FieldSpec one_of(FieldSpec spec, std::vector<std::string> choices);

// Fields of several sections.
[[nodiscard]] FieldSpec active_field();
[[nodiscard]] FieldSpec start_field();
[[nodiscard]] FieldSpec end_field();

[[nodiscard]] OperatorSpec section(std::string name, std::string summary, std::string details, std::string example,
                                   std::vector<FieldSpec> fields);

// sections_pull.cpp: what pulls at the picture, and where
[[nodiscard]] OperatorSpec target_section();
[[nodiscard]] OperatorSpec feature_section();
[[nodiscard]] OperatorSpec postproc_section();
[[nodiscard]] OperatorSpec gradient_section();
[[nodiscard]] OperatorSpec mask_section();

// sections_video.cpp
[[nodiscard]] OperatorSpec video_section();
[[nodiscard]] OperatorSpec animate_section();

}  // namespace clipig::sections
