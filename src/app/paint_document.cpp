#include "app/paint_document.h"

#include <fmt/format.h>

#include "base/text.h"
#include "config/document.h"

namespace clipig {
namespace {

constexpr std::size_t kMaxStem = 60;
constexpr const char* kAvoidWeight = "-.3";  // published recipes weigh what is to be avoided like this

Node text_node(std::string text, bool quoted) {
    Node node;
    node.kind = NodeKind::scalar;
    node.scalar = std::move(text);
    node.quoted = quoted;
    return node;
}

Node feature(Node text) {
    Node map;
    map.kind = NodeKind::map;
    map.entries.push_back({"text", {}, std::move(text)});
    return map;
}

/// The style before and behind: the mean of both embeddings depends less on the wording.
Node wish(const std::string& prompt, const std::string& style) {
    if (style.empty()) return text_node(prompt, true);
    Node list;
    list.kind = NodeKind::sequence;
    list.items = {text_node(fmt::format("{}, {}", prompt, style), true), text_node(fmt::format("{} of {}", style, prompt), true)};
    return list;
}

}  // namespace

std::string paint_document(const PaintWords& words) {
    Node root;
    set_scalar(root, "quality", words.quality);
    if (words.tile) set_scalar(root, "tile", "true");
    set_scalar(root, "targets[0].name", "prompt");
    Node features;
    features.kind = NodeKind::sequence;
    features.items.push_back(feature(wish(join(words.prompt, " "), words.style)));
    for (const std::string& text : words.avoid) {
        Node away = feature(text_node(text, true));
        away.entries.push_back({"weight", {}, text_node(kAvoidWeight, false)});
        features.items.push_back(std::move(away));
    }
    ensure_path(root, "targets[0].features") = std::move(features);
    return dump_yaml(root);
}

std::string file_stem(const std::string& text) {
    std::string stem;
    for (const char c : lower(text)) {
        const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
        if (kept) {
            stem += c;
        } else if (!stem.empty() && stem.back() != '-') {
            stem += '-';
        }
    }
    stem.resize(utf8_offset(stem, kMaxStem));
    while (stem.ends_with('-')) stem.pop_back();
    return stem.empty() ? "picture" : stem;
}

}  // namespace clipig
