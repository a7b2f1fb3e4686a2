// Reads parameters and operators out of a document, collecting complaints. The parts of validate().
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config.h"
#include "config/values.h"

namespace clipig {

/// Where a part of the document stands.
struct Place {
    std::string path;  ///< `targets[0].transforms[1]`
    SourceLoc at;
};

class Reader {
public:
    explicit Reader(const Schema& schema) : schema_(schema) {}

    /// The parameters of `spec` from a map (nullptr: all defaults). `resolved` receives them with defaults filled in.
    /// Keys of `ignored` are somebody else's. Unknown keys are complaints.
    Settings fields(const OperatorSpec& spec, const Node* map, const Place& place, Node& resolved,
                    const std::vector<std::string>& ignored = {});

    /// `name: value` with the value as a map, positional shorthand or nothing.
    Settings operation(const OperatorSpec& spec, const Node& value, const Place& place, Node& resolved);

    void complain(const SourceLoc& at, std::string message, std::string hint = {}, std::size_t length = 1);
    void complain_unknown_key(const MapEntry& entry, const std::string& path, const OperatorSpec& spec,
                              const std::vector<std::string>& known);
    /// No operator of that kind: with the nearest name, or the list to which it belongs.
    void complain_unknown_operator(std::string_view kind, const std::string& name, const Place& place);

    [[nodiscard]] const Schema& schema() const { return schema_; }
    [[nodiscard]] std::vector<Diagnostic> take() { return std::move(complaints_); }
    [[nodiscard]] std::size_t complaints() const { return complaints_.size(); }

private:
    Setting setting(const FieldSpec& field, const Node& node, const Place& place, bool given);
    Setting text_setting(const FieldSpec& field, const Node& node, const Place& place, bool given);
    std::vector<Setting::Entry> scalar_entries(const FieldSpec& field, const Node& node, const Place& place);
    std::vector<Setting::Entry> sequence_entries(const FieldSpec& field, const Node& node, const Place& place);
    std::optional<Setting::Entry> entry(const FieldSpec& field, const TextPiece& piece, const Place& place);
    std::optional<Setting::Entry> text_entry(const FieldSpec& field, const TextPiece& piece, const Place& place);
    std::optional<Setting::Entry> expression_entry(const FieldSpec& field, const TextPiece& piece, const Place& place);
    std::optional<Setting::Entry> fitted(const FieldSpec& field, const Value& value, const TextPiece& piece, const Place& place);
    void spread_list(const FieldSpec& field, std::vector<Setting::Entry>& entries);
    void chosen_operator(const FieldSpec& field, const Node& node, const Place& place, bool given, Settings& settings, Node& resolved);
    void nested_section(const FieldSpec& field, const Node& node, const Place& place, bool given, Settings& settings, Node& resolved);
    void check_mask(const Settings& mask, const Place& place);
    void check_frames(const Settings& settings);
    void complain_missing(const OperatorSpec& spec, const FieldSpec& field, const Place& place);
    [[nodiscard]] const OperatorSpec* find_ignoring_case(std::string_view kind, std::string_view name) const;

    const Schema& schema_;
    std::vector<Diagnostic> complaints_;
};

/// The default of a parameter as a node.
[[nodiscard]] Node default_node(const FieldSpec& field);

/// Place of a piece of a scalar.
[[nodiscard]] SourceLoc place_in(const Node& scalar, std::size_t offset);

/// Does the text stand on its own as a value of such a parameter (a number, a word of `choices`, an expression)?
[[nodiscard]] bool stands_alone(const std::string& text, unsigned groups);

/// The entries of a scalar: split on commas, or on white space when every piece stands alone and their number fits;
/// else one entry. When nothing can be read, the pieces, so that complaints name them.
[[nodiscard]] std::vector<TextPiece> split_entries(const std::string& text, unsigned groups,
                                                   const std::function<bool(const std::vector<TextPiece>&)>& fits);

/// The parameters that may be given by position: those before the first that is named only.
[[nodiscard]] std::span<const FieldSpec> positional_fields(const OperatorSpec& spec);

/// Positional shorthand: which parameter takes which part of the value. Empty with `problem` set when it does not fit.
struct Shorthand {
    std::vector<std::pair<const FieldSpec*, Node>> parts;
    std::string problem;
};
[[nodiscard]] Shorthand distribute(const OperatorSpec& spec, const Node& value);

}  // namespace clipig
