// What a configuration may hold, as data: made from the declarations that operators and sections give of themselves.
// The same data parses, checks, documents (`clipig docs`), makes the JSON schema for editors and the resolved YAML.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "expr/expression.h"

namespace clipig {

enum class FieldType {
    boolean,
    integer,
    real,
    text,
    frame_time,  ///< int = epoch, float = fraction of the run, `30%`
    interval,    ///< float = seconds, int = epochs (snapshot_interval): the difference is kept
    op,          ///< an operator of kind `operator_kind`: its name, or `{name: {parameters}}` (optimizer, pixels, loss)
    any,         ///< a nested list of numbers (init.image_tensor) or a free map; taken as it is
    section,     ///< a map of the section that `operator_kind` names (mask, gradient), or that section's short form
};

/// One parameter. Written down once, beside the code that uses it.
struct FieldSpec {
    std::string name;
    FieldType type = FieldType::real;
    std::vector<int> counts{1};  ///< allowed list lengths; {1} a scalar, {3} float[3], {2,4}; a single value is copied to counts[0]
    bool list = false;           ///< any number of entries (overrides counts)
    bool nullable = false;
    bool required = false;     ///< no default
    bool named_only = false;   ///< never given by position, may stand beside the operator; left out of the resolved YAML when not given
    std::string default_text;  ///< YAML text of the default; `null` when nullable and unset
    double minimum = -std::numeric_limits<double>::infinity();
    double maximum = std::numeric_limits<double>::infinity();
    bool minimum_exclusive = false;
    std::vector<std::string> choices{};  ///< for text: the allowed words, compared without case
    unsigned groups = kNoVariables;      ///< VariableGroup bits for expressions
    std::string operator_kind{};         ///< for op; for section its name
    std::string unit{};                  ///< `pixels`, `degrees`, `0..1`, ...
    std::string doc;                     ///< one sentence
};

/// One operator or section with its parameters.
struct OperatorSpec {
    std::string kind;               ///< `transform`, `constraint`, `optimizer`, `loss`, `pixels`, `section`
    std::string name;               ///< the YAML key
    std::string summary;            ///< first line of its reference page
    std::string details{};          ///< further paragraphs: formula, source
    std::string example;            ///< YAML that parses, e.g. `blur: {kernel_size: 5}`
    std::vector<FieldSpec> fields;  ///< in the order of positional shorthand
    std::vector<std::string> aliases{};
    bool keeps_resolution = false;  ///< a transform that may also be a postproc effect
    bool random = false;            ///< draws random numbers
    std::string gradient_note{};    ///< empty: its gradient is the derivative; else why on purpose it is not, for whoever checks it

    [[nodiscard]] const FieldSpec* field(std::string_view name) const;
};

/// Everything a file may hold. Sections are named `top`, `init`, `target`, `feature`, `postproc`, `mask`, `gradient`.
struct Schema {
    std::vector<OperatorSpec> operators;

    [[nodiscard]] const OperatorSpec* find(std::string_view kind, std::string_view name) const;
    [[nodiscard]] std::vector<std::string> names(std::string_view kind) const;
    [[nodiscard]] const OperatorSpec& section(std::string_view name) const { return *find("section", name); }
};

/// As JSON text and back: the program's front end carries it, so that `clipig check` needs no torch.
[[nodiscard]] std::string schema_to_json(const Schema& schema);
[[nodiscard]] Schema schema_from_json(std::string_view text);

}  // namespace clipig
