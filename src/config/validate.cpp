// A merged document against the schema: sections, entries of lists, and what must hold between keys.
#include <algorithm>
#include <set>
#include <stdexcept>

#include "base/text.h"
#include "config/completion.h"
#include "config/reader.h"
#include "config/sections.h"
#include "config/stages.h"

namespace clipig {
namespace {

const std::vector<std::string> kTopParts{"include", "stages", "matrix", "init", "targets", "postproc", "video", "animate"};
const std::vector<std::string> kTargetParts{"features", "transforms", "constraints"};
const std::vector<std::string> kConstraintKeys{"weight", "start", "end", "loss", "mask"};  // may also stand beside the constraint
const std::vector<std::string> kTransformKeys{"p", "start", "end"};                        // beside a transform
const std::vector<std::string> kEffectKeys{"p"};                                           // beside an effect, and meant for it

bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string indexed(const std::string& path, std::size_t i) { return path + "[" + std::to_string(i) + "]"; }

Node list_node() {
    Node node;
    node.kind = NodeKind::sequence;
    return node;
}

class Validator {
public:
    Validator(std::shared_ptr<const Schema> schema, std::string prefix) : reader_(*schema), prefix_(std::move(prefix)) {
        config_.schema = std::move(schema);
    }

    Config run(const Node& document, std::vector<Diagnostic>& complaints) {
        const Place place{prefix_, document.at};
        const Node* map = as_map(document, place, "the configuration");
        std::vector<std::string> ignored = kTopParts;
        for (const MapEntry& entry : document.entries) {
            if (entry.key.starts_with('.')) ignored.push_back(entry.key);  // a place for anchors
        }
        Node resolved;
        config_.top = reader_.fields(reader_.schema().section("top"), map, place, resolved, ignored);
        if (const MapEntry* include = map ? map->entry("include") : nullptr) {
            reader_.complain(include->key_at, "include: works inside of a file only",
                             "name the file on the command line, before the others", 7);
        }
        if (const MapEntry* matrix = map ? map->entry("matrix") : nullptr) {
            reader_.complain(matrix->key_at, "matrix: only `clipig run` paints many pictures", "remove it", 6);
        }
        read_init(map, resolved);
        Node targets = list_node();
        each(map, "targets", prefix_, [&](const Node& item, const Place& at) { read_target(item, at, targets); });
        resolved.entries.push_back({"targets", {}, std::move(targets)});
        Node postproc = list_node();
        each(map, "postproc", prefix_, [&](const Node& item, const Place& at) { read_postproc(item, at, postproc); });
        resolved.entries.push_back({"postproc", {}, std::move(postproc)});
        config_.video = read_choice_of_section(map, "video", "format", resolved);
        config_.animate = read_choice_of_section(map, "animate", "", resolved);
        for (Diagnostic& complaint : reader_.take()) complaints.push_back(std::move(complaint));
        config_.resolved = std::move(resolved);
        return std::move(config_);
    }

private:
    /// The map itself, nullptr for nothing; a complaint for something else.
    const Node* as_map(const Node& node, const Place& place, const std::string& what) {
        if (node.kind == NodeKind::map) return &node;
        if (node.kind != NodeKind::null) {
            reader_.complain(
                place.at, what + " must be a map of `key: value`" + (node.kind == NodeKind::sequence ? ", not a list" : ""),
                node.kind == NodeKind::scalar && node.scalar.find(':') != std::string::npos ? "put a space behind the ':'" : "");
        }
        return nullptr;
    }

    /// Calls `read` for each entry of the list at `key`. Nothing there counts as an empty list.
    template <class Read>
    void each(const Node* map, const std::string& key, const std::string& path, Read read) {
        const MapEntry* entry = map ? map->entry(key) : nullptr;
        if (!entry || entry->value.kind == NodeKind::null) return;
        const std::string own = path.empty() ? key : path + "." + key;
        if (entry->value.kind != NodeKind::sequence) {
            reader_.complain(entry->key_at, own + ": must be a list", "start each entry with '- '", utf8_length(key));
            return;
        }
        for (std::size_t i = 0; i < entry->value.items.size(); ++i) {
            const Node& item = entry->value.items[i];
            if (item.kind == NodeKind::null) {
                reader_.complain(item.at.known() ? item.at : entry->key_at, indexed(own, i) + ": this entry is empty", "remove the '-'");
            } else {
                read(item, Place{indexed(own, i), item.at});
            }
        }
    }

    void read_init(const Node* map, Node& resolved) {
        const MapEntry* entry = map ? map->entry("init") : nullptr;
        const Place place{"init", entry ? entry->key_at : SourceLoc{}};
        Node node;
        config_.init = reader_.fields(reader_.schema().section("init"), entry ? as_map(entry->value, place, "init") : nullptr, place, node);
        resolved.entries.push_back({"init", {}, std::move(node)});
        if (config_.init.raw.contains("image_tensor") && !config_.init["image"].null()) {
            reader_.complain(config_.init["image"].at(), "init: either 'image' or 'image_tensor'", "remove one of them");
        }
    }

    /// A section that is there or not: `key: false`, `key: {...}`; and where one of its parameters is a word, `key: true` and `key: word`.
    std::optional<Settings> read_choice_of_section(const Node* map, const std::string& key, const std::string& word, Node& resolved) {
        const MapEntry* entry = map ? map->entry(key) : nullptr;
        const OperatorSpec& spec = reader_.schema().section(key);
        Node value = entry ? entry->value : Node{};
        const auto wanted = value.kind == NodeKind::scalar ? boolean_of(value.scalar) : std::nullopt;
        if (value.kind == NodeKind::null || wanted == false) {
            resolved.entries.push_back({key, {}, text_node("false")});
            return std::nullopt;
        }
        if (value.kind == NodeKind::scalar && !word.empty()) {
            Node named;
            named.kind = NodeKind::map;
            named.at = value.at;
            if (!wanted) named.entries.push_back({word, value.at, value});
            value = std::move(named);
        }
        const Place place{key, entry->key_at};
        if (value.kind != NodeKind::map) {
            reader_.complain(place.at, key + ": must be a map of `key: value`, or false", "`clipig docs " + key + "` lists the keys",
                             utf8_length(key));
            return std::nullopt;
        }
        Node node;
        Settings settings = reader_.fields(spec, &value, place, node);
        resolved.entries.push_back({key, {}, std::move(node)});
        return settings;
    }

    void read_target(const Node& item, const Place& place, Node& resolved) {
        const Node* map = as_map(item, place, place.path);
        if (!map) return;
        TargetConfig target;
        Node node;
        target.settings = reader_.fields(reader_.schema().section("target"), map, place, node, kTargetParts);
        Node features = list_node();
        each(map, "features", place.path, [&](const Node& entry, const Place& at) { read_feature(entry, at, target, features); });
        node.entries.push_back({"features", {}, std::move(features)});
        add_no_text(target, place);
        Node transforms = list_node();
        each(map, "transforms", place.path,
             [&](const Node& entry, const Place& at) { read_operation("transform", entry, at, target.transforms, transforms); });
        node.entries.push_back({"transforms", {}, std::move(transforms)});
        Node constraints = list_node();
        each(map, "constraints", place.path,
             [&](const Node& entry, const Place& at) { read_operation("constraint", entry, at, target.constraints, constraints); });
        node.entries.push_back({"constraints", {}, std::move(constraints)});
        config_.targets.push_back(std::move(target));
        resolved.items.push_back(std::move(node));
    }

    /// The negative feature of `no_text`. It is no part of the resolved configuration, where `no_text` itself stands.
    void add_no_text(TargetConfig& target, const Place& place) {
        const Setting& own = target.settings["no_text"];
        const Setting& asked = own.null() ? config_.top["no_text"] : own;
        if (target.features.empty() || asked.entries().empty() || !asked.boolean()) return;
        Node feature;
        feature.kind = NodeKind::map;
        for (const auto& [key, value] : {std::pair{"text", "text, words, letters"}, std::pair{"weight", "-0.3"}}) {
            feature.entries.push_back({key, asked.at(), text_node(value)});
        }
        Node unused;
        target.features.push_back(
            reader_.fields(reader_.schema().section("feature"), &feature, {place.path + kNoTextPath, asked.at()}, unused));
    }

    void read_feature(const Node& item, const Place& place, TargetConfig& target, Node& resolved) {
        if (item.kind == NodeKind::scalar) {
            reader_.complain(place.at, place.path + ": must be a map",
                             "write `- text: " + item.scalar.substr(0, utf8_offset(item.scalar, 40)) + "`", utf8_length(item.scalar));
            return;
        }
        const Node* map = as_map(item, place, place.path);
        if (!map) return;
        const std::size_t before = reader_.complaints();
        Node node;
        Settings feature = reader_.fields(reader_.schema().section("feature"), map, place, node);
        const MapEntry* image = map->entry("image");
        if (map->entry("text") && image) {
            reader_.complain(image->key_at, place.path + ": a feature has either 'text' or 'image', not both", "make it two features", 5);
        } else if (!map->entry("text") && !image && reader_.complaints() == before) {
            reader_.complain(place.at, place.path + ": 'text' or 'image' is missing", "write `text: what to paint` or `image: file.png`");
        } else if (!image && reader_.complaints() == before && feature["text"].entries().empty()) {
            reader_.complain(feature["text"].at(), place.path + ".text: the list is empty", "write `text: what to paint`");
        }
        target.features.push_back(std::move(feature));
        resolved.items.push_back(std::move(node));
    }

    /// An entry of a list of operators: its key and value, and the keys that may stand beside it.
    struct Entry {
        const OperatorSpec* spec = nullptr;
        Node value;
        Place place;
        std::vector<const MapEntry*> beside;
    };

    Entry find_operation(std::string_view kind, const Node& item, const Place& place, const std::vector<std::string>& siblings) {
        Entry found;
        if (item.kind == NodeKind::scalar) {
            found.spec = reader_.schema().find(kind, item.scalar);
            found.place = {place.path + "." + item.scalar, place.at};
            if (!found.spec) reader_.complain_unknown_operator(kind, item.scalar, place);
            return found;
        }
        const std::string noun(kind);
        const Node* map = as_map(item, place, place.path);
        if (!map) return found;
        std::vector<const MapEntry*> rest;
        for (const MapEntry& entry : map->entries) (contains(siblings, entry.key) ? found.beside : rest).push_back(&entry);
        const auto known =
            std::find_if(rest.begin(), rest.end(), [&](const MapEntry* entry) { return reader_.schema().find(kind, entry->key); });
        if (rest.empty()) {
            reader_.complain(place.at, place.path + ": the name of a " + noun + " is missing",
                             "`clipig list " + noun + "s` shows all of them");
        } else if (known == rest.end()) {
            reader_.complain_unknown_operator(kind, rest[0]->key, {place.path, rest[0]->key_at});
        } else {
            found.spec = reader_.schema().find(kind, (*known)->key);
            found.value = (*known)->value;
            found.place = {place.path + "." + (*known)->key, (*known)->key_at};
            for (const MapEntry* entry : rest) {
                if (entry != *known) complain_beside(kind, *found.spec, *entry, place, siblings);
            }
        }
        return found;
    }

    void complain_beside(std::string_view kind, const OperatorSpec& spec, const MapEntry& entry, const Place& place,
                         const std::vector<std::string>& siblings) {
        const std::string noun(kind);
        if (reader_.schema().find(kind, entry.key)) {
            reader_.complain(entry.key_at, place.path + ": one entry holds one " + noun,
                             "start an entry of its own: `- " + entry.key + ":`", utf8_length(entry.key));
        } else if (spec.field(entry.key)) {
            reader_.complain(entry.key_at, place.path + ": unknown key '" + entry.key + "' beside '" + spec.name + "'",
                             "it is a parameter of '" + spec.name + "': indent it below", utf8_length(entry.key));
        } else {
            std::string hint = did_you_mean(entry.key, siblings);
            if (hint.empty())
                hint = siblings.empty() ? "an entry of '" + noun + "s' has one key, its name"
                                        : "beside '" + spec.name + "' there may be " + join(siblings, ", ");
            reader_.complain(entry.key_at, place.path + ": unknown key '" + entry.key + "'", hint, utf8_length(entry.key));
        }
    }

    void read_operation(std::string_view kind, const Node& item, const Place& place, std::vector<Settings>& out, Node& resolved) {
        const std::vector<std::string>& keys = kind == "constraint" ? kConstraintKeys : kTransformKeys;
        Entry found = find_operation(kind, item, place, keys);
        if (!found.spec) return;
        move_inside(found, keys);
        Node node;
        out.push_back(reader_.operation(*found.spec, found.value, found.place, node));
        check_share(out.back());
        resolved.items.push_back(std::move(node));
    }

    /// Views of one target have one size, so a transform that changes it acts on all of them.
    void check_share(const Settings& transform) {
        const Setting* share = transform.find("p");
        if (!share || !share->field().named_only || transform.spec->keeps_resolution || share->entries().empty()) return;
        const auto* constant = std::get_if<Value>(&share->entries().front());
        if (constant && constant->number() >= 1) return;
        reader_.complain(share->at(),
                         share->path() + ": '" + transform.spec->name + "' may change the resolution, so it must act on all views",
                         "views of one target have one size: remove 'p', or make two targets");
    }

    /// `mean: {above: .1}` with `weight: 2` beside it is the same as `mean: {above: .1, weight: 2}`.
    void move_inside(Entry& found, const std::vector<std::string>& keys) {
        std::vector<const MapEntry*> moving, staying;
        for (const MapEntry* entry : found.beside) (contains(keys, entry->key) ? moving : staying).push_back(entry);
        if (moving.empty()) return;
        found.beside = staying;
        if (found.value.kind == NodeKind::scalar || found.value.kind == NodeKind::sequence) {
            Shorthand shorthand = distribute(*found.spec, found.value);
            if (!shorthand.problem.empty()) return;  // operation() complains
            found.value = Node{};
            for (auto& [field, part] : shorthand.parts) found.value.entries.push_back({field->name, part.at, part});
        }
        found.value.kind = NodeKind::map;
        for (const MapEntry* entry : moving) {
            if (!found.value.entry(entry->key)) {
                found.value.entries.push_back(*entry);
            } else {
                reader_.complain(entry->key_at, found.place.path + ": '" + entry->key + "' is given inside and beside",
                                 "remove one of them", utf8_length(entry->key));
            }
        }
    }

    void read_postproc(const Node& item, const Place& place, Node& resolved) {
        const OperatorSpec& section = reader_.schema().section("postproc");
        std::vector<std::string> siblings;
        for (const FieldSpec& field : section.fields) siblings.push_back(field.name);
        siblings.insert(siblings.end(), kEffectKeys.begin(), kEffectKeys.end());
        Entry found = find_operation("transform", item, place, siblings);
        if (!found.spec) return;
        if (!found.spec->keeps_resolution) {
            std::vector<std::string> keeping;
            for (const OperatorSpec& spec : reader_.schema().operators) {
                if (spec.kind == "transform" && spec.keeps_resolution) keeping.push_back(spec.name);
            }
            reader_.complain(found.place.at,
                             found.place.path + ": '" + found.spec->name + "' may change the resolution, so it is no effect for postproc",
                             "there are " + join(keeping, ", "), utf8_length(found.spec->name));
            return;
        }
        move_inside(found, kEffectKeys);
        Node beside;
        beside.kind = NodeKind::map;
        for (const MapEntry* entry : found.beside) beside.entries.push_back(*entry);
        PostprocConfig effect;
        Node keys;
        Node node;
        effect.settings = reader_.fields(section, &beside, place, keys);
        effect.effect = reader_.operation(*found.spec, found.value, found.place, node);
        if (node.kind == NodeKind::scalar) {
            Node map;
            map.kind = NodeKind::map;
            map.entries.push_back({node.scalar, {}, Node{}});
            node = std::move(map);
        }
        for (MapEntry& entry : keys.entries) node.entries.push_back(std::move(entry));
        config_.postproc.push_back(std::move(effect));
        resolved.items.push_back(std::move(node));
    }

    Reader reader_;
    std::string prefix_;
    Config config_;
};

void collect_sources(const Node& node, std::vector<std::string>& names, std::set<const SourceText*>& seen) {
    if (node.at.source && seen.insert(node.at.source.get()).second && node.at.source->name != "--set")
        names.push_back(node.at.source->name);
    for (const Node& item : node.items) collect_sources(item, names, seen);
    for (const MapEntry& entry : node.entries) collect_sources(entry.value, names, seen);
}

}  // namespace

Config read_document(const Node& document, std::shared_ptr<const Schema> schema, const std::string& prefix,
                     std::vector<Diagnostic>& complaints) {
    return Validator(std::move(schema), prefix).run(document, complaints);
}

Config validate(const Node& document, std::shared_ptr<const Schema> schema) {
    for (const char* section : {"top", "init", "target", "feature", "postproc", "mask", "gradient", "video", "animate", "stage"}) {
        if (!schema || !schema->find("section", section)) throw std::logic_error(std::string("the schema has no section ") + section);
    }
    const Node whole = completed(document, *schema);
    std::vector<Diagnostic> complaints;
    Config config = read_document(whole, std::move(schema), "", complaints);
    read_stages(config, document, complaints);
    if (!complaints.empty()) throw ConfigError(std::move(complaints));
    std::set<const SourceText*> seen;
    collect_sources(document, config.files, seen);
    return config;
}

}  // namespace clipig
