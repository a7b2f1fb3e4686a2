// Reading single parameters.
#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "config/reader.h"

namespace clipig {
namespace {

std::string kind_text(const Node& node) {
    switch (node.kind) {
        case NodeKind::null: return "nothing";
        case NodeKind::map: return "a map";
        case NodeKind::sequence: return "a list";
        case NodeKind::scalar: break;
    }
    return "'" + node.scalar + "'";
}

/// A word such as `nearest` or `ViT-B/32`: surely no expression.
bool is_word(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

std::string short_text(const std::string& text) { return utf8_length(text) <= 60 ? text : text.substr(0, utf8_offset(text, 57)) + "..."; }

}  // namespace

Node default_node(const FieldSpec& field) {
    const std::string& text = field.default_text;
    if (text == "null") return {};
    if (!text.empty() && std::string_view("[{'\"").find(text[0]) != std::string_view::npos) {
        return parse_yaml(std::make_shared<SourceText>(SourceText{"default of '" + field.name + "'", text}));
    }
    return text_node(text);
}

Setting Reader::setting(const FieldSpec& field, const Node& node, const Place& place, bool given) {
    if (node.kind == NodeKind::null && field.nullable) return {&field, place.path, place.at, given, true, {}};
    // one text for a list of texts is taken whole, too: a path may hold spaces
    const bool one_text =
        !is_multiple(field) || node.kind == NodeKind::scalar || (node.kind == NodeKind::null && field.default_text.empty());
    if (field.type == FieldType::text && one_text) return text_setting(field, node, place, given);
    if (node.kind == NodeKind::null) {
        const std::string hint =
            field.required ? "it takes " + expected_text(field) : "remove the key to get the default, " + field.default_text;
        complain(place.at, place.path + ": a value is missing", hint);
        return {&field, place.path, place.at, given, true, {}};
    }
    std::vector<Setting::Entry> entries;
    if (node.kind == NodeKind::map || (node.kind == NodeKind::sequence && !is_multiple(field))) {
        complain(place.at, place.path + ": must be " + expected_text(field) + ", not " + kind_text(node));
    } else if (node.kind == NodeKind::sequence) {
        entries = sequence_entries(field, node, place);
    } else {
        entries = scalar_entries(field, node, place);
    }
    return {&field, place.path, place.at, given, entries.empty() && !field.list, std::move(entries)};
}

/// Texts are taken as they are written: `yes`, `1` and (where null is no value) `null` are texts, too.
Setting Reader::text_setting(const FieldSpec& field, const Node& node, const Place& place, bool given) {
    std::vector<Setting::Entry> entries;
    if (node.kind == NodeKind::sequence || node.kind == NodeKind::map) {
        complain(place.at, place.path + ": must be " + entry_text(field) + ", not " + kind_text(node),
                 node.kind == NodeKind::map ? "a text that contains ': ' needs quotes" : "a text that starts with '[' needs quotes");
    } else if (trim(node.scalar).empty()) {
        if (given) complain(place.at, place.path + ": a text is missing");
    } else if (auto read = text_entry(field, {node.scalar, 0}, place)) {
        entries.push_back(std::move(*read));
    }
    const bool null = entries.empty();
    return {&field, place.path, place.at, given, null, std::move(entries)};
}

std::vector<Setting::Entry> Reader::scalar_entries(const FieldSpec& field, const Node& node, const Place& place) {
    std::vector<TextPiece> pieces;
    if (is_multiple(field)) {
        pieces = split_entries(node.scalar, field.groups,
                               [&](const std::vector<TextPiece>& words) { return count_allowed(field, words.size()); });
    } else {
        const std::string_view text = trim(node.scalar);
        pieces.push_back({std::string(text), static_cast<std::size_t>(text.data() - node.scalar.data())});
        const std::vector<TextPiece> values = split_entries(node.scalar, field.groups, [](const auto&) { return true; });
        const bool numbers = values.size() > 1 &&
                             std::all_of(values.begin(), values.end(), [](const TextPiece& p) { return number_of(p.text).has_value(); });
        if (numbers && !stands_alone(pieces[0].text, field.groups)) {
            complain(place.at, place.path + ": must be " + entry_text(field) + ", not " + std::to_string(values.size()) + " values", {},
                     utf8_length(node.scalar));
            return {};
        }
    }
    if (pieces.size() > 1 && !count_allowed(field, pieces.size())) {
        complain(place.at, place.path + ": must be " + expected_text(field) + ", not " + std::to_string(pieces.size()),
                 "a single value is copied to all entries", utf8_length(node.scalar));
        return {};
    }
    std::vector<Setting::Entry> entries;
    for (const TextPiece& piece : pieces) {
        if (auto read = entry(field, piece, {place.path, place_in(node, piece.offset)})) entries.push_back(std::move(*read));
    }
    if (entries.size() != pieces.size()) return {};
    spread_list(field, entries);
    return entries;
}

std::vector<Setting::Entry> Reader::sequence_entries(const FieldSpec& field, const Node& node, const Place& place) {
    if (node.items.size() != 1 && !count_allowed(field, node.items.size())) {
        complain(place.at, place.path + ": must be " + expected_text(field) + ", not " + std::to_string(node.items.size()),
                 "a single value is copied to all entries");
        return {};
    }
    std::vector<Setting::Entry> entries;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        const Node& item = node.items[i];
        const std::string path = place.path + "[" + std::to_string(i) + "]";
        if (item.kind != NodeKind::scalar) {
            complain(item.at, path + ": must be " + entry_text(field) + ", not " + kind_text(item));
            continue;
        }
        const std::string_view text = trim(item.scalar);
        const auto offset = static_cast<std::size_t>(text.data() - item.scalar.data());
        if (text.empty() && field.type == FieldType::text) {
            complain(item.at, path + ": a text is missing");
            continue;
        }
        if (auto read = entry(field, {std::string(text), offset}, {path, place_in(item, offset)})) entries.push_back(std::move(*read));
    }
    if (entries.size() != node.items.size()) return {};
    spread_list(field, entries);
    return entries;
}

std::optional<Setting::Entry> Reader::entry(const FieldSpec& field, const TextPiece& piece, const Place& place) {
    if (field.type == FieldType::text) return text_entry(field, piece, place);
    if (piece.text.empty()) {
        complain(place.at, place.path + ": a value is missing");
        return std::nullopt;
    }
    if (const auto number = number_of(piece.text)) return fitted(field, *number, piece, place);
    if (const auto truth = boolean_of(piece.text)) {
        if (field.type == FieldType::boolean) return Setting::Entry(Value(*truth));
        complain(place.at, place.path + ": must be " + entry_text(field) + ", not '" + piece.text + "'", {}, utf8_length(piece.text));
        return std::nullopt;
    }
    if (field.type == FieldType::frame_time && piece.text.ends_with('%')) {
        if (const auto percent = number_of(std::string_view(piece.text).substr(0, piece.text.size() - 1))) {
            if (percent->number() >= 0 && percent->number() <= 100) return Setting::Entry(Value(percent->number() / 100));
            complain(place.at, place.path + ": must be from 0% to 100%, not " + piece.text, {}, utf8_length(piece.text));
            return std::nullopt;
        }
    }
    return expression_entry(field, piece, place);
}

std::optional<Setting::Entry> Reader::text_entry(const FieldSpec& field, const TextPiece& piece, const Place& place) {
    const auto value = fit(field, Value(field.choices.empty() ? piece.text : std::string(trim(piece.text))), Origin::written);
    if (const auto* fitting = std::get_if<Value>(&value)) return Setting::Entry(*fitting);
    if (field.groups != kNoVariables && !is_word(trim(piece.text))) return expression_entry(field, piece, place);
    complain(place.at, place.path + ": must be one of " + join(field.choices, ", ") + ", not '" + short_text(piece.text) + "'",
             did_you_mean(piece.text, field.choices), utf8_length(piece.text));
    return std::nullopt;
}

std::optional<Setting::Entry> Reader::expression_entry(const FieldSpec& field, const TextPiece& piece, const Place& place) {
    try {
        Expression expression = Expression::compile(piece.text, place.at, place.path, field.groups);
        if (!expression.constant()) return Setting::Entry(std::move(expression));
        Random random{RandomAddress{}};
        const Value value = expression.evaluate(Variables{}, random);
        if (value.is_list() && is_multiple(field)) return Setting::Entry(std::move(expression));  // spread_list takes it apart
        auto converted = fit(field, value, Origin::expression);
        if (auto* fitting = std::get_if<Value>(&converted)) return Setting::Entry(std::move(*fitting));
        complaints_.push_back(expression.complaint(std::get<std::string>(converted), Variables{}));
    } catch (const ConfigError& error) {
        complaints_.insert(complaints_.end(), error.diagnostics().begin(), error.diagnostics().end());
    }
    return std::nullopt;
}

std::optional<Setting::Entry> Reader::fitted(const FieldSpec& field, const Value& value, const TextPiece& piece, const Place& place) {
    auto result = fit(field, value, Origin::written);
    if (auto* fitting = std::get_if<Value>(&result)) return Setting::Entry(std::move(*fitting));
    complain(place.at, place.path + ": " + std::get<std::string>(result), {}, utf8_length(piece.text));
    return std::nullopt;
}

/// A constant expression whose value is a list: evaluated now, so that its length is checked when the file is loaded.
void Reader::spread_list(const FieldSpec& field, std::vector<Setting::Entry>& entries) {
    for (const Setting::Entry& constant : entries) {
        const auto* expression = std::get_if<Expression>(&constant);
        if (!expression || !expression->constant()) continue;
        try {
            Random random{RandomAddress{}};
            if (entries.size() > 1) {  // a list inside of a list
                throw ConfigError(expression->complaint("must be " + entry_text(field) + ", not a list", Variables{}));
            }
            const std::vector<Value> values = Setting(&field, {}, {}, true, false, entries).evaluate(Variables{}, random);
            entries.assign(values.begin(), values.end());
        } catch (const ConfigError& error) {
            complaints_.insert(complaints_.end(), error.diagnostics().begin(), error.diagnostics().end());
            entries.clear();
        }
        return;
    }
}

}  // namespace clipig
