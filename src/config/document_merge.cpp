// Merging documents, and changing single places of one.
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/text.h"
#include "config/document.h"

namespace clipig {
namespace {

constexpr std::array<std::string_view, 5> kEntryLists{"targets", "features", "transforms", "constraints", "postproc"};

bool plain_values(const Node& node) {
    if (node.kind == NodeKind::map) return false;
    return std::all_of(node.items.begin(), node.items.end(), plain_values);
}

Node merge_at(std::string_view key, Node earlier, Node later) {
    const bool container = earlier.kind == NodeKind::sequence || earlier.kind == NodeKind::map;
    if (later.kind == NodeKind::null && later.scalar.empty() && container) return earlier;
    if (earlier.kind == NodeKind::map && later.kind == NodeKind::map) {
        for (MapEntry& entry : later.entries) {
            const auto same =
                std::find_if(earlier.entries.begin(), earlier.entries.end(), [&](const MapEntry& e) { return e.key == entry.key; });
            if (same == earlier.entries.end()) {
                earlier.entries.push_back(std::move(entry));
            } else {
                same->key_at = entry.key_at;
                same->value = merge_at(entry.key, std::move(same->value), std::move(entry.value));
            }
        }
        return earlier;
    }
    if (earlier.kind == NodeKind::sequence && later.kind == NodeKind::sequence) {
        const bool entries = std::find(kEntryLists.begin(), kEntryLists.end(), key) != kEntryLists.end();
        if (!entries && plain_values(earlier) && plain_values(later)) return later;
        earlier.items.insert(earlier.items.end(), std::make_move_iterator(later.items.begin()), std::make_move_iterator(later.items.end()));
        return earlier;
    }
    return later;
}

/// One step of a path: a key, or an index.
struct Step {
    std::string key;
    std::optional<std::size_t> index;
    std::size_t offset = 0;  ///< byte in the path
};

/// A complaint about the path, with the byte at which it goes wrong.
struct PathError {
    std::size_t offset;
    std::string message;
    std::string hint{};
};

Step index_step(std::string_view path, std::size_t& i) {
    const std::size_t close = path.find(']', i);
    if (close == std::string_view::npos) throw PathError{i, "this bracket is never closed"};
    const std::string_view digits = path.substr(i + 1, close - i - 1);
    std::size_t index = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    if (digits.empty() || read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) {
        throw PathError{i, "a list is indexed by a number from 0: targets[0]"};
    }
    Step step{{}, index, i};
    i = close + 1;
    return step;
}

std::vector<Step> path_steps(std::string_view path) {
    std::vector<Step> steps;
    for (std::size_t i = 0; i < path.size();) {
        if (path[i] == '[') {
            steps.push_back(index_step(path, i));
        } else {
            if (path[i] == '.' && !steps.empty()) ++i;
            const std::size_t end = std::min(path.find_first_of(".[", i), path.size());
            if (end == i) throw PathError{i, "a key is missing in this path"};
            steps.push_back({std::string(path.substr(i, end - i)), std::nullopt, i});
            i = end;
        }
    }
    if (steps.empty()) throw PathError{0, "a path is missing, such as targets[0].batch_size"};
    if (steps.size() > 32) throw PathError{0, "this path is too long"};
    return steps;
}

Node& descend(Node& node, const Step& step) {
    if (step.index) {
        if (node.kind == NodeKind::null) node.kind = NodeKind::sequence;
        if (node.kind != NodeKind::sequence) throw PathError{step.offset, "this is no list"};
        if (*step.index > node.items.size()) {
            throw PathError{step.offset,
                            "there is no entry " + std::to_string(*step.index) + ": the list has " + std::to_string(node.items.size()),
                            "the number one past the last appends an entry"};
        }
        if (*step.index == node.items.size()) node.items.emplace_back();
        return node.items[*step.index];
    }
    if (node.kind == NodeKind::null) node.kind = NodeKind::map;
    if (node.kind == NodeKind::sequence)
        throw PathError{step.offset, "this is a list: an index such as [0] comes before '" + step.key + "'"};
    if (node.kind == NodeKind::scalar) {
        throw PathError{step.offset, "there is no '" + step.key + "' here: the file has the value '" + node.scalar + "'",
                        "set the whole value: path={" + step.key + ": ...}"};
    }
    for (MapEntry& entry : node.entries) {
        if (entry.key == step.key) return entry.value;
    }
    node.entries.push_back({step.key, {}, {}});
    return node.entries.back().value;
}

Node& walk(Node& root, const std::vector<Step>& steps, const std::shared_ptr<const SourceText>& source) {
    Node* node = &root;
    for (const Step& step : steps) {
        const Node* parent = node;
        node = &descend(*node, step);
        if (!source) continue;
        const SourceLoc at{source, 1, static_cast<int>(utf8_length(std::string_view(source->text).substr(0, step.offset))) + 1};
        if (!node->at.known()) node->at = at;
        for (const MapEntry& entry : parent->entries) {
            if (&entry.value == node) const_cast<MapEntry&>(entry).key_at = at;  // an error in this key is one of the option
        }
    }
    return *node;
}

void relocate(Node& node, const std::shared_ptr<const SourceText>& source) {
    node.at.source = source;
    for (Node& item : node.items) relocate(item, source);
    for (MapEntry& entry : node.entries) {
        entry.key_at.source = source;
        relocate(entry.value, source);
    }
}

/// Parse the text behind `=`; blanks stand for the path, so that columns are those of the option.
Node parse_value(const std::shared_ptr<const SourceText>& source, std::size_t equals) {
    const std::string blanks(utf8_length(std::string_view(source->text).substr(0, equals + 1)), ' ');
    const auto padded = std::make_shared<SourceText>(SourceText{source->name, blanks + source->text.substr(equals + 1)});
    try {
        Node value = parse_yaml(padded);
        relocate(value, source);
        return value;
    } catch (const ConfigError& error) {
        std::vector<Diagnostic> complaints = error.diagnostics();
        for (Diagnostic& complaint : complaints) complaint.at.source = source;
        throw ConfigError(std::move(complaints));
    }
}

[[noreturn]] void fail_option(const std::shared_ptr<const SourceText>& source, int column, const std::string& message,
                              const std::string& hint) {
    const SourceLoc at{source, 1, column};
    throw ConfigError(Diagnostic{at, message, hint});
}

}  // namespace

Node merge(Node earlier, Node later) { return merge_at({}, std::move(earlier), std::move(later)); }

void set_path(Node& root, const std::string& assignment) {
    const auto source = std::make_shared<SourceText>(SourceText{"--set", assignment});
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos) fail_option(source, 1, "a '=' is missing", "--set takes path=value, such as targets[0].batch_size=5");
    Node value = parse_value(source, equals);
    try {
        const std::string_view path = std::string_view(assignment).substr(0, equals);
        Node changed = root;  // nothing is half done when the path is wrong
        walk(changed, path_steps(path), source) = std::move(value);
        root = std::move(changed);
    } catch (const PathError& error) {
        const auto column = static_cast<int>(utf8_length(std::string_view(assignment).substr(0, error.offset))) + 1;
        fail_option(source, column, error.message, error.hint);
    }
}

Node text_node(std::string text, SourceLoc at, bool quoted) {
    Node node;
    node.kind = NodeKind::scalar;
    node.scalar = std::move(text);
    node.quoted = quoted;
    node.at = std::move(at);
    return node;
}

Node& ensure_path(Node& root, std::string_view path) {
    try {
        return walk(root, path_steps(path), nullptr);
    } catch (const PathError& error) {
        throw InputError("path '" + std::string(path) + "': " + error.message);
    }
}

void set_scalar(Node& root, std::string_view path, std::string text) {
    Node& node = ensure_path(root, path);
    node.kind = NodeKind::scalar;
    node.scalar = std::move(text);
    node.quoted = node.block = false;
    node.items.clear();
    node.entries.clear();
}

bool same_tree(const Node& a, const Node& b) {
    if (a.kind != b.kind || (a.kind == NodeKind::scalar && a.scalar != b.scalar)) return false;
    return std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(), same_tree) &&
           std::equal(a.entries.begin(), a.entries.end(), b.entries.begin(), b.entries.end(),
                      [](const MapEntry& x, const MapEntry& y) { return x.key == y.key && same_tree(x.value, y.value); });
}

}  // namespace clipig
