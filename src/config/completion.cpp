#include "config/completion.h"

#include <algorithm>
#include <span>

#include "base/text.h"
#include "config/reader.h"
#include "config/recipes.h"
#include "config/values.h"

namespace clipig {
namespace {

constexpr const char* kWholeShift = "-.5 .5";

/// `key:` with nothing behind it says nothing.
bool says(const Node& map, std::string_view key) {
    const Node* value = map.find(key);
    return value != nullptr && !(value->kind == NodeKind::null && value->scalar.empty());
}

/// What `map` has at `key` when it is of that kind, else nothing.
Node* part(Node& map, std::string_view key, NodeKind kind) {
    for (MapEntry& entry : map.entries) {
        if (entry.key == key) return entry.value.kind == kind ? &entry.value : nullptr;
    }
    return nullptr;
}

/// The items of the list at `key`; none where there is no list.
std::span<Node> items_of(Node& map, std::string_view key) {
    Node* list = part(map, key, NodeKind::sequence);
    return list != nullptr ? std::span<Node>(list->items) : std::span<Node>();
}

void put(Node& map, const std::string& key, Node value) {
    for (MapEntry& entry : map.entries) {
        if (entry.key == key) {
            entry.value = std::move(value);
            return;
        }
    }
    map.entries.push_back({key, value.at, std::move(value)});
}

void fill(Node& map, const Node& recipe) {
    for (const MapEntry& entry : recipe.entries) {
        if (!says(map, entry.key)) put(map, entry.key, entry.value);
    }
}

bool has_picture(const Node& init) {
    const auto given = [&](std::string_view key) { return says(init, key) && init.find(key)->kind != NodeKind::null; };
    return given("image") || given("image_tensor");
}

void fill_init(Node& document, const Node& recipe) {
    if (Node* init = part(document, "init", NodeKind::map); init != nullptr && !has_picture(*init)) fill(*init, recipe);
    if (!says(document, "init")) put(document, "init", recipe);
}

bool has_features(const Node& target) {
    const Node* features = target.kind == NodeKind::map ? target.find("features") : nullptr;
    return features != nullptr && !features->items.empty();
}

/// As one more target, where some target has features and none has constraints.
void add_constraints(Node& document, const MapEntry& constraints) {
    Node* targets = part(document, "targets", NodeKind::sequence);
    if (targets == nullptr) return;
    const auto own = [](const Node& target) { return target.kind == NodeKind::map && says(target, "constraints"); };
    if (std::ranges::none_of(targets->items, has_features) || std::ranges::any_of(targets->items, own)) return;
    Node target;
    target.kind = NodeKind::map;
    put(target, "name", text_node("quality"));
    put(target, constraints.key, constraints.value);
    targets->items.push_back(std::move(target));
}

void apply_recipe(Node& document, const Node& recipe) {
    for (const MapEntry& entry : recipe.entries) {
        if (entry.key == "target") {
            for (Node& target : items_of(document, "targets")) {
                if (has_features(target)) fill(target, entry.value);
            }
        } else if (entry.key == "constraints") {
            add_constraints(document, entry);
        } else if (entry.key == "init") {
            fill_init(document, entry.value);
        } else if (!says(document, entry.key)) {
            put(document, entry.key, entry.value);
        }
    }
}

/// The parameters of an operator as a map, whatever way they are written. False when they do not fit.
bool as_parameters(Node& value, const OperatorSpec& spec) {
    if (value.kind == NodeKind::map) return true;
    Node map;
    map.kind = NodeKind::map;
    map.at = value.at;
    if (value.kind != NodeKind::null) {
        Shorthand shorthand = distribute(spec, value);
        if (!shorthand.problem.empty()) return false;
        for (auto& [field, part] : shorthand.parts) map.entries.push_back({field->name, part.at, part});
    }
    value = std::move(map);
    return true;
}

/// `border: wrap`, `wrap: true`, where the operator has such a parameter and the file does not say otherwise.
void wrap_borders(Node& value, const OperatorSpec& spec) {
    const FieldSpec* border = spec.field("border");
    const bool border_wraps =
        border != nullptr && std::find(border->choices.begin(), border->choices.end(), "wrap") != border->choices.end();
    const FieldSpec* wrap = spec.field("wrap");
    if (!border_wraps && wrap == nullptr) return;
    if (!as_parameters(value, spec)) return;
    if (border_wraps && !says(value, "border")) put(value, "border", text_node("wrap"));
    if (wrap != nullptr && !says(value, "wrap")) put(value, "wrap", text_node("true"));
}

/// `{name: value}` of an operator that is written as a bare name.
void as_map(Node& item) {
    if (item.kind != NodeKind::scalar) return;
    Node map;
    map.kind = NodeKind::map;
    map.at = item.at;
    map.entries.push_back({item.scalar, item.at, Node{}});
    item = std::move(map);
}

bool every_one(const OperatorSpec&) { return true; }

/// Of a target's transforms only those that cut views out: the others see views that were shifted, whose border is nowhere in the picture.
bool cuts_out(const OperatorSpec& spec) { return !spec.keeps_resolution; }

void wrap_operator(Node& item, const Schema& schema, std::string_view kind, bool (*wraps)(const OperatorSpec&)) {
    if (item.kind == NodeKind::scalar && schema.find(kind, item.scalar) == nullptr) return;
    as_map(item);
    for (MapEntry& entry : item.entries) {
        const OperatorSpec* spec = schema.find(kind, entry.key);
        if (spec != nullptr && wraps(*spec)) wrap_borders(entry.value, *spec);
    }
}

bool shifts_everything(const Node& item) {
    const Node* value = item.find("random_shift");
    if (value != nullptr && value->kind == NodeKind::map) value = value->find("offset");
    return value != nullptr && value->kind == NodeKind::scalar && value->scalar == kWholeShift;
}

void wrap_target(Node& target, const Schema& schema) {
    if (!says(target, "transforms")) {
        Node list;
        list.kind = NodeKind::sequence;
        put(target, "transforms", std::move(list));
    }
    Node* transforms = part(target, "transforms", NodeKind::sequence);
    if (transforms == nullptr) return;
    std::vector<Node>& items = transforms->items;
    for (Node& item : items) wrap_operator(item, schema, "transform", cuts_out);
    if (!items.empty() && shifts_everything(items.front())) return;
    Node shift = text_node("random_shift");
    as_map(shift);
    shift.entries.front().value = text_node(kWholeShift);
    items.insert(items.begin(), std::move(shift));
}

/// Constraints of a target whose views are the whole picture know no edge.
void wrap_constraints(Node& target, const Schema& schema) {
    const Node* transforms = target.find("transforms");
    if (transforms != nullptr && std::any_of(transforms->items.begin(), transforms->items.end(), [&](const Node& item) {
            const std::string& name = item.kind == NodeKind::map && !item.entries.empty() ? item.entries.front().key : item.scalar;
            const OperatorSpec* spec = schema.find("transform", name);
            return spec != nullptr && cuts_out(*spec);
        })) {
        return;
    }
    for (Node& item : items_of(target, "constraints")) wrap_operator(item, schema, "constraint", every_one);
}

void apply_tile(Node& document, const Schema& schema) {
    if (!says(document, "pixels")) put(document, "pixels", text_node("rgb"));
    for (MapEntry& entry : document.entries) {
        if (entry.key == "pixels") wrap_operator(entry.value, schema, "pixels", every_one);
    }
    if (Node* animate = part(document, "animate", NodeKind::map); animate != nullptr && !says(*animate, "border"))
        put(*animate, "border", text_node("wrap"));
    for (Node& effect : items_of(document, "postproc")) wrap_operator(effect, schema, "transform", every_one);
    for (Node& target : items_of(document, "targets")) {
        if (target.kind != NodeKind::map) continue;
        wrap_constraints(target, schema);
        if (has_features(target)) wrap_target(target, schema);
    }
}

void apply_quality(Node& document, const std::string& name) {
    if (recipe_text(name).empty()) return;
    for (const std::string& part : {name, std::string("common")}) {
        const auto source = std::make_shared<SourceText>(SourceText{"<quality: " + name + ">", std::string(recipe_text(part))});
        apply_recipe(document, parse_yaml(source));
    }
}

bool is_true(const Node* node) {
    if (node == nullptr || node->kind != NodeKind::scalar) return false;
    const auto number = number_of(node->scalar);  // 1 is true, as for every parameter of this type
    return number ? number->is_int() && number->truth() : boolean_of(node->scalar).value_or(false);
}

}  // namespace

Node completed(Node document, const Schema& schema) {
    if (document.kind != NodeKind::map) return document;
    if (const Node* quality = document.find("quality"); quality != nullptr && quality->kind == NodeKind::scalar)
        apply_quality(document, lower(quality->scalar));
    if (is_true(document.find("tile"))) apply_tile(document, schema);
    return document;
}

}  // namespace clipig
