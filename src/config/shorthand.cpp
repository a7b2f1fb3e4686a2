// Lists in one scalar, and values without parameter names.
#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "config/reader.h"

namespace clipig {
namespace {

bool is_choice(const FieldSpec& field, const std::string& text) {
    return std::any_of(field.choices.begin(), field.choices.end(), [&](const std::string& choice) { return lower(choice) == lower(text); });
}

/// Could one entry with this text be of the parameter's type?
bool type_fits(const FieldSpec& field, const Node& node) {
    if (node.kind == NodeKind::sequence) return is_multiple(field);
    if (node.kind != NodeKind::scalar) return node.kind == NodeKind::null && field.nullable;
    if (field.type == FieldType::text) return field.choices.empty() || is_choice(field, node.scalar);
    if (const auto number = number_of(node.scalar)) {
        if (field.type == FieldType::integer) return number->is_int() || std::trunc(number->number()) == number->number();
        return field.type != FieldType::boolean;
    }
    if (boolean_of(node.scalar)) return field.type == FieldType::boolean;
    return stands_alone(node.scalar, field.groups);
}

/// The value as entries: items of a list, or pieces of a scalar as nodes of their own.
std::vector<Node> shorthand_entries(const OperatorSpec& spec, const Node& value) {
    if (value.kind == NodeKind::sequence) return value.items;
    const std::span<const FieldSpec> fields = positional_fields(spec);
    unsigned groups = kNoVariables;
    for (const FieldSpec& field : fields) groups |= field.groups;
    const auto is_word = [&](const TextPiece& piece) {
        return std::any_of(fields.begin(), fields.end(), [&](const FieldSpec& field) { return is_choice(field, piece.text); });
    };
    std::vector<TextPiece> pieces = split_commas(value.scalar);
    if (pieces.size() == 1) {
        const std::vector<TextPiece> words = split_spaces(value.scalar);
        const bool apart =
            std::all_of(words.begin(), words.end(), [&](const TextPiece& p) { return is_word(p) || stands_alone(p.text, groups); });
        if (apart || !stands_alone(pieces[0].text, groups)) pieces = words;
    }
    std::vector<Node> entries;
    for (const TextPiece& piece : pieces) entries.push_back(text_node(piece.text, place_in(value, piece.offset)));
    return entries;
}

std::size_t size_of(const FieldSpec& field) { return field.list || field.counts.empty() ? 1 : static_cast<std::size_t>(field.counts[0]); }

std::string order_text(const OperatorSpec& spec) {
    std::vector<std::string> names;
    for (const FieldSpec& field : positional_fields(spec))
        names.push_back(is_multiple(field) ? field.name + " (" + expected_text(field) + ")" : field.name);
    return join(names, ", ");
}

Node list_of(std::vector<Node> items) {
    if (items.size() == 1) return std::move(items.front());
    Node list;
    list.kind = NodeKind::sequence;
    list.at = items.front().at;
    list.items = std::move(items);
    return list;
}

}  // namespace

std::span<const FieldSpec> positional_fields(const OperatorSpec& spec) {
    const auto end = std::find_if(spec.fields.begin(), spec.fields.end(), [](const FieldSpec& field) { return field.named_only; });
    return {spec.fields.data(), static_cast<std::size_t>(end - spec.fields.begin())};
}

bool stands_alone(const std::string& text, unsigned groups) {
    if (number_of(text) || boolean_of(text)) return true;
    if (text.ends_with('%')) return number_of(std::string_view(text).substr(0, text.size() - 1)).has_value();
    try {
        (void)Expression::compile(text, {}, {}, groups);
        return true;
    } catch (const ConfigError&) {
        return false;
    }
}

std::vector<TextPiece> split_entries(const std::string& text, unsigned groups,
                                     const std::function<bool(const std::vector<TextPiece>&)>& fits) {
    std::vector<TextPiece> pieces = split_commas(text);
    if (pieces.size() != 1) return pieces;
    std::vector<TextPiece> words = split_spaces(text);
    if (words.size() <= 1) return pieces;
    const bool apart = std::all_of(words.begin(), words.end(), [&](const TextPiece& word) { return stands_alone(word.text, groups); });
    if (apart && fits(words)) return words;
    if (stands_alone(pieces[0].text, groups)) return pieces;
    const bool readable = apart || fits(words);  // the number of words tells whether the pieces or the whole are wrong
    return readable ? words : pieces;
}

SourceLoc place_in(const Node& scalar, std::size_t offset) {
    SourceLoc at = scalar.at;
    if (at.known() && at.column > 0) at.column += static_cast<int>(utf8_length(std::string_view(scalar.scalar).substr(0, offset)));
    return at;
}

Shorthand distribute(const OperatorSpec& spec, const Node& value) {
    const std::span<const FieldSpec> fields = positional_fields(spec);
    if (fields.empty()) return {{}, "'" + spec.name + "' takes no parameters by position"};
    const FieldSpec& first = fields.front();
    const std::vector<Node> entries = shorthand_entries(spec, value);
    const std::size_t count = entries.size();
    const auto all_fit_first = [&] {
        return std::all_of(entries.begin(), entries.end(),
                           [&](const Node& n) { return n.kind == NodeKind::scalar && type_fits(first, n); });
    };
    if (fields.size() == 1 || count <= 1 || (count_allowed(first, count) && all_fit_first())) return {{{&first, value}}, {}};

    const auto nothing_required_behind = [&](std::size_t from) {
        return std::none_of(fields.begin() + static_cast<std::ptrdiff_t>(from), fields.end(),
                            [](const FieldSpec& f) { return f.required; });
    };
    if (count <= fields.size() && nothing_required_behind(count) &&
        std::equal(entries.begin(), entries.end(), fields.begin(), [](const Node& n, const FieldSpec& f) { return type_fits(f, n); })) {
        Shorthand result;
        for (std::size_t i = 0; i < count; ++i) result.parts.emplace_back(&fields[i], entries[i]);
        return result;
    }
    Shorthand result;
    std::size_t used = 0;
    for (const FieldSpec& field : fields) {
        if (used + size_of(field) > count) break;
        const auto begin = entries.begin() + static_cast<std::ptrdiff_t>(used);
        result.parts.emplace_back(&field, list_of({begin, begin + static_cast<std::ptrdiff_t>(size_of(field))}));
        used += size_of(field);
        if (used == count) break;
    }
    if (used == count && nothing_required_behind(result.parts.size())) return result;
    return {{}, std::to_string(count) + " values do not fit the parameters of '" + spec.name + "': " + order_text(spec)};
}

}  // namespace clipig
