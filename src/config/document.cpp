#include "config/document.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include "base/files.h"
#include "base/text.h"
#include "config/yaml_errors.h"

namespace clipig {
namespace {

constexpr std::size_t kMaxDepth = 64;
constexpr std::size_t kMaxNodes = 2'000'000;   ///< written in the file; an inline picture has many
constexpr std::size_t kMaxExpanded = 100'000;  ///< made by aliases and merge keys
constexpr std::size_t kMaxKeyBytes = 512;      ///< YAML itself ends at 1024

/// Turns the events of the YAML library into a located tree.
class Builder final : public YAML::EventHandler {
public:
    explicit Builder(const Places& places) : places_(places) {}

    [[nodiscard]] bool started() const { return started_; }
    [[nodiscard]] Node take() { return std::move(root_); }
    [[nodiscard]] SourceLoc start() const { return start_; }

    void OnDocumentStart(const YAML::Mark& mark) override {
        started_ = true;
        start_ = places_.at(offset(mark));
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        Node node;
        const std::size_t begin = content(offset(mark));
        node.at = places_.at(empty_entry(begin));
        const std::string_view rest = places_.text().substr(std::min(begin, places_.text().size()));
        for (const std::string_view word : {"null", "Null", "NULL", "~"}) {
            if (rest.starts_with(word)) node.scalar = word;  // kept for parameters that are texts
        }
        finish(std::move(node), anchor, 1, 0);
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const SourceLoc at = places_.at(offset(mark));
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end()) throw ConfigError({at, "this alias stands inside of its own anchor"});
        expand(found->second, at);
        finish(found->second.node, 0, found->second.size, found->second.height);
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override {
        Node node;
        node.kind = NodeKind::scalar;
        node.scalar = value;
        const std::size_t begin = content(offset(mark));
        const std::string_view text = places_.text();
        const char first = begin < text.size() ? text[begin] : '\0';
        check_tag(tag, mark);
        if (tag == "!" || first == '"' || first == '\'') {
            node.quoted = true;
            node.block = first == '|' || first == '>';
        }
        const bool in_quotes = first == '"' || first == '\'';
        if (in_quotes && closing_quote(text, begin) == std::string_view::npos) {  // yaml-cpp 0.7 takes the rest of the file
            throw ConfigError({places_.at(begin), "this quote is never closed"});
        }
        if (tag.ends_with(":str")) node.quoted = true;
        node.at = places_.at(node.block ? block_content(begin) : in_quotes ? begin + 1 : begin);
        finish(std::move(node), anchor, 1, 0);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
        open(NodeKind::sequence, mark, tag, anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
        open(NodeKind::map, mark, tag, anchor);
    }
    void OnMapEnd() override { close(); }

private:
    struct Anchored {
        Node node;
        std::size_t size = 0;    ///< nodes in it
        std::size_t height = 0;  ///< levels below it
    };
    struct Level {
        Node node;
        YAML::anchor_t anchor = 0;
        std::size_t size = 1;
        std::size_t height = 0;
        std::optional<Node> key;
        std::vector<Node> merges;  ///< values of `<<`
        std::set<std::string> keys{};
    };

    static std::size_t offset(const YAML::Mark& mark) { return mark.pos < 0 ? 0 : static_cast<std::size_t>(mark.pos); }

    /// Behind an anchor and a tag.
    [[nodiscard]] std::size_t content(std::size_t begin) const {
        const std::string_view text = places_.text();
        while (begin < text.size() && (text[begin] == '&' || text[begin] == '!')) {
            begin = std::min(text.find_first_of(" \t\r\n", begin), text.size());
            begin = std::min(text.find_first_not_of(" \t\r\n", begin), text.size());
        }
        return begin;
    }

    /// The mark of an empty `- ` entry is that of whatever comes next: go back to its '-'.
    [[nodiscard]] std::size_t empty_entry(std::size_t begin) const {
        const std::string_view text = places_.text();
        const bool in_sequence = !levels_.empty() && levels_.back().node.kind == NodeKind::sequence;
        const std::size_t last = begin == 0 ? std::string_view::npos : text.find_last_not_of(" \t\r\n", begin - 1);
        return in_sequence && last != std::string_view::npos && text[last] == '-' ? last : begin;
    }

    /// First character of a block scalar whose `|` or `>` stands at `begin`.
    [[nodiscard]] std::size_t block_content(std::size_t begin) const {
        const std::size_t line_end = places_.text().find('\n', begin);
        if (line_end == std::string_view::npos) return begin;
        const std::size_t first = places_.text().find_first_not_of(" \r\n", line_end);
        return first == std::string_view::npos ? begin : first;
    }

    void check_tag(const std::string& tag, const YAML::Mark& mark) const {
        static const std::set<std::string, std::less<>> kStandard{"str", "int", "float", "bool", "null", "seq", "map", "merge"};
        constexpr std::string_view kPrefix = "tag:yaml.org,2002:";
        if (tag.empty() || tag == "!" || tag == "?") return;
        if (tag.starts_with(kPrefix) && kStandard.contains(std::string_view(tag).substr(kPrefix.size()))) return;
        const std::string shown = tag.starts_with(kPrefix) ? "!!" + tag.substr(kPrefix.size()) : tag;
        throw ConfigError({places_.at(offset(mark)), "the tag '" + shown + "' is not known here", "remove it"});
    }

    void open(NodeKind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
        check_tag(tag, mark);
        Level level;
        level.node.kind = kind;
        level.node.at = places_.at(content(offset(mark)));
        level.anchor = anchor;
        if (levels_.size() >= kMaxDepth) {
            throw ConfigError({level.node.at, "nested deeper than " + std::to_string(kMaxDepth) + " levels"});
        }
        levels_.push_back(std::move(level));
    }

    void close() {
        Level level = std::move(levels_.back());
        levels_.pop_back();
        for (const Node& merged : level.merges) merge_keys(level, merged);
        finish(std::move(level.node), level.anchor, level.size, level.height);
    }

    void expand(const Anchored& anchored, const SourceLoc& at) {
        expanded_ += anchored.size;
        if (expanded_ > kMaxExpanded) {
            throw ConfigError({at, "the aliases of this file expand to more than " + std::to_string(kMaxExpanded) + " values"});
        }
        if (levels_.size() + anchored.height > kMaxDepth) {
            throw ConfigError({at, "nested deeper than " + std::to_string(kMaxDepth) + " levels through this alias"});
        }
    }

    /// `<<: *base`: keys that the map itself has stay.
    void merge_keys(Level& level, const Node& merged) {
        if (merged.kind == NodeKind::sequence) {
            for (const Node& item : merged.items) merge_keys(level, item);
            return;
        }
        if (merged.kind != NodeKind::map) throw ConfigError({merged.at, "the merge key '<<' needs a map, or a list of maps"});
        for (const MapEntry& entry : merged.entries) {
            if (level.keys.insert(entry.key).second) level.node.entries.push_back(entry);
        }
    }

    void finish(Node node, YAML::anchor_t anchor, std::size_t size, std::size_t height) {
        if (++nodes_ > kMaxNodes) throw ConfigError({node.at, "more than " + std::to_string(kMaxNodes) + " values in one file"});
        if (anchor != 0) anchors_[anchor] = {node, size, height};
        if (levels_.empty()) {
            root_ = std::move(node);
            return;
        }
        Level& parent = levels_.back();
        parent.size += size;
        parent.height = std::max(parent.height, height + 1);
        if (parent.node.kind == NodeKind::sequence) {
            parent.node.items.push_back(std::move(node));
        } else if (!parent.key) {
            take_key(parent, std::move(node));
        } else {
            take_value(parent, std::move(node));
        }
    }

    static void take_key(Level& parent, Node node) {
        if (node.kind == NodeKind::sequence || node.kind == NodeKind::map) {
            throw ConfigError({node.at, "a key must be a word, not a list or a map", "a text that starts with a bracket needs quotes"});
        }
        if (node.scalar.size() > kMaxKeyBytes) throw ConfigError({node.at, "this key is too long"});
        if (parent.node.entries.empty() && !parent.node.at.known()) parent.node.at = node.at;
        const bool merge_key = node.scalar == "<<" && !node.quoted;
        if (!merge_key && !parent.keys.insert(node.scalar).second) {
            const MapEntry* first = parent.node.entry(node.scalar);
            throw ConfigError({node.at, "the key '" + node.scalar + "' appears twice in one map",
                               first ? "the first one is in line " + std::to_string(first->key_at.line) : "",
                               static_cast<int>(utf8_length(node.scalar))});
        }
        parent.key = std::move(node);
    }

    static void take_value(Level& parent, Node node) {
        Node key = std::move(*parent.key);
        parent.key.reset();
        if (key.scalar == "<<" && !key.quoted) {
            parent.merges.push_back(std::move(node));
        } else {
            parent.node.entries.push_back({std::move(key.scalar), std::move(key.at), std::move(node)});
        }
    }

    const Places& places_;
    std::vector<Level> levels_;
    std::map<YAML::anchor_t, Anchored> anchors_;
    Node root_;
    SourceLoc start_;
    bool started_ = false;
    std::size_t nodes_ = 0;
    std::size_t expanded_ = 0;
};

std::string standard_input() { return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()}; }

std::string configuration_file(const std::string& path) {
    std::error_code ignored;
    if (std::filesystem::is_directory(expand_home(path), ignored)) throw InputError("cannot read '" + path + "': it is a directory");
    return read_file(expand_home(path));
}

}  // namespace

const Node* Node::find(std::string_view key) const {
    const MapEntry* found = entry(key);
    return found ? &found->value : nullptr;
}

const MapEntry* Node::entry(std::string_view key) const {
    const auto found = std::find_if(entries.begin(), entries.end(), [&](const MapEntry& e) { return e.key == key; });
    return found == entries.end() ? nullptr : &*found;
}

Node parse_yaml(std::shared_ptr<const SourceText> source) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (source->text.starts_with(kByteOrderMark)) {
        source = std::make_shared<SourceText>(SourceText{source->name, source->text.substr(kByteOrderMark.size())});
    }
    const Places places(source);
    check_characters(places);
    try {
        std::istringstream stream(source->text);
        YAML::Parser parser(stream);
        Builder builder(places);
        if (!parser.HandleNextDocument(builder)) {
            Node nothing;
            nothing.at = places.at(0);
            return nothing;
        }
        Builder second(places);
        if (parser.HandleNextDocument(second)) {
            throw ConfigError({second.start(), "a second document starts here, but a file holds one configuration",
                               "make it a file of its own: several files are merged in order"});
        }
        return builder.take();
    } catch (const YAML::Exception& error) {
        throw ConfigError(yaml_complaint(places, error.msg, error.mark.is_null() ? 0 : static_cast<std::size_t>(error.mark.pos)));
    }
}

Node load_yaml(const std::string& path) {
    const bool is_input = path == "-";
    return parse_yaml(
        std::make_shared<SourceText>(SourceText{is_input ? "<stdin>" : path, is_input ? standard_input() : configuration_file(path)}));
}

}  // namespace clipig
