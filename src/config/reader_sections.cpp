// Parameters that are sections of their own (mask, gradient), and their short forms.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "config/reader.h"

namespace clipig {
namespace {

/// A mask's short form is a picture when it looks like the name of one, else a shape: a misspelt shape must not be taken for a file.
bool names_a_picture(const std::string& text) {
    static constexpr std::array kEndings{".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif"};
    const std::string word = lower(std::string(trim(text)));
    return word.starts_with("data:") || word.find("://") != std::string::npos ||
           std::any_of(kEndings.begin(), kEndings.end(), [&](const char* ending) { return word.ends_with(ending); });
}

Node one_entry(const std::string& key, const Node& value) {
    Node map;
    map.kind = NodeKind::map;
    map.at = value.at;
    map.entries.push_back({key, value.at, value});
    return map;
}

}  // namespace

void Reader::check_mask(const Settings& mask, const Place& place) {
    const bool picture = !mask["picture"].null(), shape = !mask["shape"].null();
    if (picture != shape) return;
    complain(place.at, place.path + (picture ? ": either 'picture' or 'shape', not both" : ": 'picture' or 'shape' is missing"),
             "write `picture: mask.png` (white acts), or `shape: x < .5`");
}

void Reader::nested_section(const FieldSpec& field, const Node& node, const Place& place, bool given, Settings& settings, Node& resolved) {
    if (node.kind == NodeKind::null) {
        settings.values.emplace(field.name, Setting(&field, place.path, place.at, given, true, {}));
        if (!field.named_only) resolved.entries.push_back({field.name, {}, node});
        return;
    }
    const OperatorSpec& spec = schema_.section(field.operator_kind);
    Node map = node;
    if (node.kind == NodeKind::scalar && spec.name == "mask") {
        map = one_entry(names_a_picture(node.scalar) ? "picture" : "shape", node);
    } else if (node.kind == NodeKind::scalar) {
        map = one_entry(spec.fields.front().name, node);
    } else if (node.kind != NodeKind::map) {
        complain(place.at, place.path + ": must be a map of `key: value`", "`clipig docs " + spec.name + "` lists the keys");
        return;
    }
    Node parts;
    const std::size_t before = complaints_.size();
    Settings own = fields(spec, &map, place, parts);
    if (spec.name == "mask" && complaints_.size() == before) check_mask(own, place);
    settings.values.emplace(field.name, Setting(&field, place.path, place.at, given, false, {}));
    settings.operators.emplace(field.name, std::move(own));
    resolved.entries.push_back({field.name, {}, std::move(parts)});
}

}  // namespace clipig
