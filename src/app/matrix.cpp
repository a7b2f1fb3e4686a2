#include "app/matrix.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/plain_name.h"
#include "base/text.h"

namespace clipig {
namespace {

constexpr std::size_t kMaxCells = 10'000;
constexpr std::size_t kMaxLabel = 40;  // characters of one value in a file's name
constexpr std::size_t kMaxStem = 160;  // bytes of all of them; file systems end at 255

const std::string kPrompt = "targets[0].features[0].text";

/// What the option made has no place in a file: errors in it are those of the axis.
void locate(Node& node, const SourceLoc& at) {
    if (!node.at.known()) node.at = at;
    for (Node& item : node.items) locate(item, at);
    for (MapEntry& entry : node.entries) {
        if (!entry.key_at.known()) entry.key_at = at;
        locate(entry.value, at);
    }
}

std::string last_part(const std::string& path) {
    const std::size_t dot = path.rfind('.');
    return dot == std::string::npos ? path : path.substr(dot + 1);
}

std::string value_text(const Node& value) {
    if (value.kind == NodeKind::scalar) return value.scalar;
    return join(split_words(dump_yaml(value)), " ");
}

std::string name_part(const std::string& text) { return plain_name(text.substr(0, utf8_offset(text, kMaxLabel)), true); }

Axis axis_of(const MapEntry& entry) {
    Axis axis{entry.key, entry.key == "prompt" ? kPrompt : entry.key, entry.key_at, entry.value.items};
    const int length = static_cast<int>(utf8_length(entry.key));
    if (entry.value.kind != NodeKind::sequence || entry.value.items.empty()) {
        throw ConfigError({entry.key_at, fmt::format("matrix.{}: must be a list of values", entry.key),
                           fmt::format("such as `{}: [1, 2, 3]`", entry.key), length});
    }
    for (const std::string_view own : {"matrix", "output", "include"}) {
        if (entry.key == own) throw ConfigError({entry.key_at, fmt::format("matrix.{}: this cannot vary", entry.key), {}, length});
    }
    return axis;
}

}  // namespace

Matrix::Matrix(Node document) : document_(std::move(document)) {
    const MapEntry* entry = document_.entry("matrix");
    if (entry == nullptr) return;
    const Node matrix = entry->value;
    const SourceLoc at = entry->key_at;
    std::erase_if(document_.entries, [](const MapEntry& e) { return e.key == "matrix"; });
    if (matrix.kind != NodeKind::map) {
        if (matrix.kind == NodeKind::null) return;
        throw ConfigError({at, "matrix: must be a map of lists", "such as `matrix: {seed: [1, 2, 3]}`", 6});
    }
    for (const MapEntry& axis : matrix.entries) axes_.push_back(axis_of(axis));
    double cells = 1;
    for (const Axis& axis : axes_) cells *= static_cast<double>(axis.values.size());
    if (cells > kMaxCells)
        throw ConfigError({at, fmt::format("matrix: {:.0f} combinations; at most {} are painted", cells, kMaxCells), {}, 6});
}

std::size_t Matrix::size() const {
    std::size_t cells = 1;
    for (const Axis& axis : axes_) cells *= axis.values.size();
    return cells;
}

MatrixCell Matrix::cell(std::size_t index) const {
    MatrixCell cell{document_, {}, {}, {}};
    std::vector<std::size_t> chosen(axes_.size());
    for (std::size_t i = axes_.size(); i-- > 0;) {
        chosen[i] = index % axes_[i].values.size();
        index /= axes_[i].values.size();
    }
    for (std::size_t i = 0; i < axes_.size(); ++i) {
        const Axis& axis = axes_[i];
        try {
            ensure_path(cell.document, axis.path) = axis.values[chosen[i]];
        } catch (const InputError& error) {
            throw ConfigError({axis.at, fmt::format("matrix: {}", error.what()), {}, static_cast<int>(utf8_length(axis.key))});
        }
        locate(cell.document, axis.at);
        const std::string short_key = last_part(axis.key);
        const bool unique =
            std::count_if(axes_.begin(), axes_.end(), [&](const Axis& other) { return last_part(other.key) == short_key; }) == 1;
        const std::string value = value_text(axis.values[chosen[i]]);
        cell.title += fmt::format("{}{}={}", i == 0 ? "" : ", ", unique ? short_key : axis.key, value);
        cell.caption = axes_.size() == 1 ? value : cell.title;
        const std::string text = name_part(value);
        const bool alike = std::count_if(axis.values.begin(), axis.values.end(),
                                         [&](const Node& other) { return name_part(value_text(other)) == text; }) > 1;
        cell.stem +=
            fmt::format("-{}-{}{}", name_part(unique ? short_key : axis.key), text, alike ? fmt::format("-{}", chosen[i]) : std::string());
    }
    if (cell.stem.size() > kMaxStem) {
        cell.stem.resize(utf8_offset(cell.stem.substr(0, kMaxStem), utf8_length(cell.stem.substr(0, kMaxStem - 4))));
        for (const std::size_t number : chosen) cell.stem += fmt::format("-{}", number);
    }
    return cell;
}

std::vector<std::size_t> Matrix::every_value() const {
    std::vector<std::size_t> cells{0};
    std::size_t stride = 1;
    for (std::size_t i = axes_.size(); i-- > 0;) {
        for (std::size_t k = 1; k < axes_[i].values.size(); ++k) cells.push_back(k * stride);
        stride *= axes_[i].values.size();
    }
    std::sort(cells.begin(), cells.end());
    return cells;
}

}  // namespace clipig
