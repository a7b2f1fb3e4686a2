// YAML text as a tree in which every node knows its place. The only code that touches yaml-cpp is document.cpp.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace clipig {

enum class NodeKind { null, scalar, sequence, map };

struct Node;
struct MapEntry;

struct Node {
    NodeKind kind = NodeKind::null;
    std::string scalar;             ///< the text, unquoted and unescaped
    bool quoted = false;            ///< 'x', "x" or a block scalar: always text for str, still converted for numbers
    bool block = false;             ///< | or >: columns inside it are not known
    SourceLoc at;                   ///< first character of the node (of the text inside the quotes for quoted scalars)
    std::vector<Node> items;        ///< of a sequence
    std::vector<MapEntry> entries;  ///< of a map, in order, keys unique

    [[nodiscard]] const Node* find(std::string_view key) const;
    [[nodiscard]] const MapEntry* entry(std::string_view key) const;
};

struct MapEntry {
    std::string key;
    SourceLoc key_at;
    Node value;
};

/// A scalar that no file holds. `quoted`: text even where it looks like a number.
[[nodiscard]] Node text_node(std::string text, SourceLoc at = {}, bool quoted = false);

/// Parse YAML text into a tree: anchors and aliases expanded (with a limit against alias bombs), `<<` merge keys applied,
/// duplicate keys refused, tabs and other syntax errors reported at their place with a hint. An empty text is a null node.
/// Throws ConfigError.
[[nodiscard]] Node parse_yaml(std::shared_ptr<const SourceText> source);

/// Read a file (`-`: standard input) and parse it. Throws ConfigError or InputError.
[[nodiscard]] Node load_yaml(const std::string& path);

/// Merge `later` over `earlier`: maps merge key by key, scalars of `later` win, sequences are appended. A sequence of
/// plain values (`resolution: [640, 480]`) is one value, not a list of entries: there `later` wins, too.
/// A key without a value (`targets:`) does not remove the list or map that `earlier` has.
[[nodiscard]] Node merge(Node earlier, Node later);

/// `--set targets[0].batch_size=5`: put the YAML text behind `=` at that path. Throws ConfigError at column of the option.
void set_path(Node& root, const std::string& assignment);

/// The node at a path such as `targets[0].name`; missing maps are made, and an index one past the end appends.
/// Throws InputError when the path leads through a scalar or past the end of a list.
[[nodiscard]] Node& ensure_path(Node& root, std::string_view path);

/// Put a plain scalar at a path: `set_scalar(config.resolved, "seed", "123")`.
void set_scalar(Node& root, std::string_view path, std::string text);

/// Equal kinds, texts, keys (in order) and children; places and quotes do not count.
[[nodiscard]] bool same_tree(const Node& a, const Node& b);

/// The tree as YAML text, block style, numbers and expressions unquoted where YAML allows it; parse_yaml of it gives
/// an equal tree. `comment` lines go on top, each prefixed by `# `.
[[nodiscard]] std::string dump_yaml(const Node& root, const std::vector<std::string>& comment = {});

}  // namespace clipig
