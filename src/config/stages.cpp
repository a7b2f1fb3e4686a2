#include "config/stages.h"

#include <algorithm>
#include <stdexcept>

#include "base/text.h"
#include "config/completion.h"
#include "config/reader.h"

namespace clipig {
namespace {

std::string stage_path(std::size_t number) { return "stages[" + std::to_string(number) + "]"; }

/// The file with the stage's keys in place of its own.
Node stage_document(const Node& document, const Node& stage) {
    Node result = document;
    std::erase_if(result.entries, [](const MapEntry& entry) { return entry.key == "stages"; });
    for (const MapEntry& entry : stage.entries) {
        const bool nothing = entry.value.kind == NodeKind::null && entry.value.scalar.empty();
        if (entry.key == "name" || nothing) continue;
        std::erase_if(result.entries, [&](const MapEntry& e) { return e.key == entry.key; });
        result.entries.push_back(entry);
    }
    return result;
}

void check_keys(const Node& stage, const std::string& path, Reader& reader) {
    const OperatorSpec& spec = reader.schema().section("stage");
    std::vector<std::string> known;
    for (const FieldSpec& field : spec.fields) known.push_back(field.name);
    for (const MapEntry& entry : stage.entries) {
        if (!spec.field(entry.key)) reader.complain_unknown_key(entry, path, spec, known);
    }
}

bool same_place(const SourceLoc& a, const SourceLoc& b) { return a.source == b.source && a.line == b.line && a.column == b.column; }

/// What a stage says beyond the file, with its defaults filled in.
Node own_settings(const Node& stage, const Node& resolved, const Node& file, const OperatorSpec& allowed) {
    Node own;
    own.kind = NodeKind::map;
    if (const MapEntry* name = stage.entry("name")) own.entries.push_back(*name);
    for (const MapEntry& entry : resolved.entries) {
        const Node* common = file.find(entry.key);
        if (allowed.field(entry.key) == nullptr) continue;  // a recipe may speak of the whole run
        if (entry.key == "epochs" || common == nullptr || !same_tree(*common, entry.value)) own.entries.push_back(entry);
    }
    return own;
}

}  // namespace

void read_stages(Config& config, const Node& document, std::vector<Diagnostic>& complaints) {
    const MapEntry* entry = document.entry("stages");
    if (entry == nullptr || entry->value.kind == NodeKind::null) return;
    Reader reader(*config.schema);
    if (entry->value.kind != NodeKind::sequence) {
        reader.complain(entry->key_at, "stages: must be a list", "start each stage with '- '", 6);
    }
    const std::vector<Diagnostic> known = complaints;
    Node list;
    list.kind = NodeKind::sequence;
    for (std::size_t i = 0; i < entry->value.items.size(); ++i) {
        const Node& stage = entry->value.items[i];
        if (stage.kind != NodeKind::map) {
            reader.complain(stage.at.known() ? stage.at : entry->key_at, stage_path(i) + ": must be a map of `key: value`",
                            "such as `- epochs: 100`");
            continue;
        }
        check_keys(stage, stage_path(i), reader);
        Node allowed = stage;
        std::erase_if(allowed.entries, [&](const MapEntry& e) { return !reader.schema().section("stage").field(e.key); });
        std::vector<Diagnostic> own;
        const Node whole = completed(stage_document(document, allowed), *config.schema);
        const Config result = read_document(whole, config.schema, stage_path(i), own);
        for (Diagnostic& complaint : own) {
            const bool said = std::any_of(known.begin(), known.end(), [&](const Diagnostic& d) { return same_place(d.at, complaint.at); });
            if (!said) complaints.push_back(std::move(complaint));
        }
        list.items.push_back(own_settings(allowed, result.resolved, config.resolved, reader.schema().section("stage")));
    }
    for (Diagnostic& complaint : reader.take()) complaints.push_back(std::move(complaint));
    if (!list.items.empty()) config.resolved.entries.push_back({"stages", entry->key_at, std::move(list)});
}

std::vector<std::shared_ptr<const Config>> stage_configs(const std::shared_ptr<const Config>& config) {
    const Node* stages = config->resolved.find("stages");
    if (stages == nullptr) return {config};
    std::vector<std::shared_ptr<const Config>> result;
    std::vector<Diagnostic> complaints;
    for (std::size_t i = 0; i < stages->items.size(); ++i) {
        const Node whole = stage_document(config->resolved, stages->items[i]);
        auto stage = std::make_shared<Config>(read_document(whole, config->schema, stage_path(i), complaints));
        stage->files = config->files;
        result.push_back(std::move(stage));
    }
    if (!complaints.empty()) throw ConfigError(std::move(complaints));
    return result;
}

}  // namespace clipig
