// Reading the parameters of an operator or section, and complaints about names.
#include "config/reader.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace clipig {
namespace {

struct Home {
    std::string_view section;
    std::string_view text;
};
constexpr std::array kHomes{Home{"target", "into an entry of 'targets'"},
                            Home{"feature", "into an entry of 'features'"},
                            Home{"init", "into 'init'"},
                            Home{"top", "to the top level"},
                            Home{"postproc", "beside an effect of 'postproc'"},
                            Home{"mask", "into 'mask'"},
                            Home{"video", "into 'video'"},
                            Home{"animate", "into 'animate'"}};

struct OperatorHome {
    std::string_view kind;
    std::string_view noun;
    std::string_view list;
};
constexpr std::array kOperatorHomes{OperatorHome{"transform", "a transform", "transforms"},
                                    OperatorHome{"constraint", "a constraint", "constraints"}};

std::vector<std::string> field_names(const OperatorSpec& spec) {
    std::vector<std::string> names;
    for (const FieldSpec& field : spec.fields) names.push_back(field.name);
    return names;
}

std::string what_is_known(const OperatorSpec& spec, const std::vector<std::string>& known) {
    if (spec.kind == "section") return "`clipig docs " + spec.name + "` lists the keys";
    return known.empty() ? "'" + spec.name + "' takes no parameters" : "'" + spec.name + "' takes " + join(known, ", ");
}

/// The places of what was read stay with what is written out, so that it can be read again with its errors in the right place.
Node named(const std::string& name, Node value, const SourceLoc& at) {
    Node map;
    map.kind = NodeKind::map;
    map.at = at;
    map.entries.push_back({name, at, std::move(value)});
    return map;
}

bool is_part(const FieldSpec& field, const std::vector<std::string>& ignored) {
    return std::find(ignored.begin(), ignored.end(), field.name) != ignored.end();
}

}  // namespace

void Reader::complain(const SourceLoc& at, std::string message, std::string hint, std::size_t length) {
    complaints_.push_back({at, std::move(message), std::move(hint), static_cast<int>(std::clamp<std::size_t>(length, 1, 200))});
}

void Reader::complain_missing(const OperatorSpec& spec, const FieldSpec& field, const Place& place) {
    const bool section = spec.kind == "section";
    complain(place.at, place.path + ": '" + field.name + "' is missing",
             field.name + ": " + expected_text(field) + (field.doc.empty() ? "" : ". " + field.doc), section ? 1 : utf8_length(spec.name));
}

void Reader::complain_unknown_key(const MapEntry& entry, const std::string& path, const OperatorSpec& spec,
                                  const std::vector<std::string>& known) {
    const std::string what = spec.kind == "section" ? "unknown key '" : "unknown parameter '";
    std::string hint;
    for (const Home& home : kHomes) {
        const OperatorSpec* section = schema_.find("section", home.section);
        if (hint.empty() && section && section != &spec && section->field(entry.key)) {
            hint = "'" + entry.key + "' belongs " + std::string(home.text);
        }
    }
    for (const OperatorHome& home : kOperatorHomes) {
        if (hint.empty() && schema_.find(home.kind, entry.key)) {
            hint =
                "'" + entry.key + "' is " + std::string(home.noun) + ": it belongs into the '" + std::string(home.list) + "' of a target";
        }
    }
    if (hint.empty()) hint = did_you_mean(entry.key, known);
    if (hint.empty()) hint = what_is_known(spec, known);
    complain(entry.key_at, (path.empty() ? "" : path + ": ") + what + entry.key + "'", hint, utf8_length(entry.key));
}

void Reader::complain_unknown_operator(std::string_view kind, const std::string& name, const Place& place) {
    std::string hint;
    if (const std::size_t colon = name.find(':'); colon != std::string::npos && schema_.find(kind, name.substr(0, colon))) {
        hint = "put a space behind the ':'";
    }
    for (const OperatorHome& home : kOperatorHomes) {
        if (hint.empty() && home.kind != kind && schema_.find(home.kind, name)) {
            hint = "'" + name + "' is " + std::string(home.noun) + ": it belongs into '" + std::string(home.list) + "'";
        }
    }
    if (hint.empty()) hint = did_you_mean(name, schema_.names(kind));
    if (hint.empty() && kind != "transform" && kind != "constraint") hint = "there are " + join(schema_.names(kind), ", ");
    if (hint.empty()) hint = "`clipig list " + std::string(kind) + "s` shows all of them";
    complain(place.at, place.path + ": unknown " + std::string(kind) + " '" + name + "'", hint, utf8_length(name));
}

Settings Reader::fields(const OperatorSpec& spec, const Node* map, const Place& place, Node& resolved,
                        const std::vector<std::string>& ignored) {
    Settings settings;
    settings.spec = &spec;
    settings.path = place.path;
    settings.at = place.at;
    resolved.kind = NodeKind::map;
    resolved.at = place.at;
    for (const FieldSpec& field : spec.fields) {
        if (is_part(field, ignored)) continue;
        const MapEntry* entry = map ? map->entry(field.name) : nullptr;
        const Node node = entry ? entry->value : default_node(field);
        const SourceLoc at = !entry ? place.at : node.kind == NodeKind::scalar && node.at.known() ? node.at : entry->key_at;
        const Place own{place.path.empty() ? field.name : place.path + "." + field.name, at};
        if (!entry && field.required) {
            complain_missing(spec, field, place);
            settings.values.emplace(field.name, Setting(&field, own.path, at, false, true, {}));
        } else if (field.type == FieldType::op) {
            chosen_operator(field, node, own, entry != nullptr, settings, resolved);
        } else if (field.type == FieldType::section) {
            nested_section(field, node, own, entry != nullptr, settings, resolved);
        } else if (field.type == FieldType::any) {
            if (entry && node.kind != NodeKind::null) settings.raw.emplace(field.name, node);
            resolved.entries.push_back({field.name, entry ? entry->key_at : place.at, node});
        } else {
            Setting value = setting(field, node, own, entry != nullptr);
            const bool absent_text = value.null() && !field.nullable;  // neither given nor a null: it is left out
            settings.values.emplace(field.name, std::move(value));
            if (!absent_text && (entry || !field.named_only))
                resolved.entries.push_back({field.name, entry ? entry->key_at : place.at, node});
        }
    }
    check_frames(settings);
    const std::vector<std::string> known = field_names(spec);
    for (std::size_t i = 0; map && i < map->entries.size(); ++i) {
        const MapEntry& entry = map->entries[i];
        const bool foreign = std::find(ignored.begin(), ignored.end(), entry.key) != ignored.end();
        if (!foreign && !spec.field(entry.key)) complain_unknown_key(entry, place.path, spec, known);
    }
    return settings;
}

/// `start` behind `end` is a slip; an epoch and a fraction can only be compared when the run is known.
void Reader::check_frames(const Settings& settings) {
    const auto start = settings.values.find("start");
    const auto end = settings.values.find("end");
    if (start == settings.values.end() || end == settings.values.end()) return;
    if (start->second.null() || end->second.null() || start->second.field().type != FieldType::frame_time) return;
    const FrameTime from = start->second.frame_time();
    const FrameTime to = end->second.frame_time();
    if (from.is_epoch != to.is_epoch || from.value <= to.value) return;
    const Setting& shown = end->second.given() ? end->second : start->second;
    const OperatorSpec& spec = *settings.spec;
    const std::string remedy = spec.field("active") ? "`active: false` switches it off"
                                                    : "exchange them, or remove the " + (spec.kind == "section" ? spec.name : spec.kind);
    complain(shown.at(), shown.path() + ": 'start' is later than 'end'", "it would never act; " + remedy);
}

Settings Reader::operation(const OperatorSpec& spec, const Node& value, const Place& place, Node& resolved) {
    Node map;
    map.kind = NodeKind::map;
    const bool positional = value.kind == NodeKind::scalar || value.kind == NodeKind::sequence;
    if (value.kind == NodeKind::map) {
        map = value;
    } else if (positional) {
        Shorthand shorthand = distribute(spec, value);
        if (!shorthand.problem.empty()) {
            complain(value.at, place.path + ": " + shorthand.problem,
                     spec.fields.empty() ? "" : "name them: " + spec.name + ": {" + spec.fields[0].name + ": ...}",
                     value.kind == NodeKind::scalar ? utf8_length(value.scalar) : 1);
            Settings broken;
            broken.spec = &spec;
            return broken;
        }
        for (auto& [field, node] : shorthand.parts) {
            const SourceLoc at = node.at;
            map.entries.push_back({field->name, at, std::move(node)});
        }
    }
    Node parameters;
    Settings settings = fields(spec, &map, place, parameters);
    if (positional && positional_fields(spec).size() == 1) {
        resolved = named(spec.name, value, place.at);
    } else {
        resolved = parameters.entries.empty() ? text_node(spec.name, place.at) : named(spec.name, std::move(parameters), place.at);
    }
    return settings;
}

const OperatorSpec* Reader::find_ignoring_case(std::string_view kind, std::string_view name) const {
    if (const OperatorSpec* exact = schema_.find(kind, name)) return exact;
    for (const OperatorSpec& spec : schema_.operators) {
        if (spec.kind != kind) continue;
        const auto same = [&](const std::string& known) { return lower(known) == lower(name); };
        if (same(spec.name) || std::any_of(spec.aliases.begin(), spec.aliases.end(), same)) return &spec;
    }
    return nullptr;
}

void Reader::chosen_operator(const FieldSpec& field, const Node& node, const Place& place, bool given, Settings& settings, Node& resolved) {
    const bool map = node.kind == NodeKind::map && node.entries.size() == 1;
    if (!map && (node.kind != NodeKind::scalar || trim(node.scalar).empty())) {
        complain(place.at, place.path + ": must be the name of one " + field.operator_kind + ", or {name: {parameters}}",
                 "there are " + join(schema_.names(field.operator_kind), ", "));
        return;
    }
    const std::string name(map ? node.entries[0].key : std::string(trim(node.scalar)));
    const Place own{place.path + "." + name, map ? node.entries[0].key_at : place.at};
    const OperatorSpec* spec = find_ignoring_case(field.operator_kind, name);
    if (!spec) {
        complain_unknown_operator(field.operator_kind, name, {place.path, own.at});
        return;
    }
    Node value;
    settings.operators.emplace(field.name, operation(*spec, map ? node.entries[0].value : Node{}, own, value));
    settings.values.emplace(field.name, Setting(&field, place.path, own.at, given, false, {Value(spec->name)}));
    resolved.entries.push_back({field.name, own.at, std::move(value)});
}

}  // namespace clipig
