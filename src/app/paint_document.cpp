#include "app/paint_document.h"

#include <fmt/format.h>

#include "app/plain_name.h"
#include "base/text.h"
#include "config/document.h"

namespace clipig {
namespace {

constexpr std::size_t kMaxStem = 60;
constexpr const char* kAvoidWeight = "-.3";  // published recipes weigh what is to be avoided like this

Node quoted_text(std::string text) { return text_node(std::move(text), {}, true); }

Node feature(Node text) {
    Node map;
    map.kind = NodeKind::map;
    map.entries.push_back({"text", {}, std::move(text)});
    return map;
}

/// The style before and behind: the mean of both embeddings depends less on the wording.
Node wish(const std::string& prompt, const std::string& style) {
    if (style.empty()) return quoted_text(prompt);
    Node list;
    list.kind = NodeKind::sequence;
    list.items = {quoted_text(fmt::format("{}, {}", prompt, style)), quoted_text(fmt::format("{} of {}", style, prompt))};
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
        Node away = feature(quoted_text(text));
        away.entries.push_back({"weight", {}, text_node(kAvoidWeight)});
        features.items.push_back(std::move(away));
    }
    ensure_path(root, "targets[0].features") = std::move(features);
    return dump_yaml(root);
}

std::string file_stem(const std::string& text) {
    std::string stem = plain_name(lower(text), false);
    stem.resize(utf8_offset(stem, kMaxStem));
    if (stem.ends_with('-')) stem.pop_back();  // where it was cut
    return stem.empty() ? "picture" : stem;
}

}  // namespace clipig
