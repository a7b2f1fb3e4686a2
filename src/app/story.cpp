#include "app/story.h"

#include <fmt/format.h>

#include <array>

#include "base/error.h"
#include "base/files.h"
#include "image/read_picture.h"
#include "models/tensor_file.h"

namespace clipig {

bool looks_like_picture(std::string_view bytes) {
    constexpr std::array<std::string_view, 4> kStarts{"\x89PNG", "\xFF\xD8\xFF", std::string_view("II*\0", 4),
                                                      std::string_view("MM\0*", 4)};
    for (const std::string_view start : kStarts) {
        if (bytes.starts_with(start)) return true;
    }
    return bytes.starts_with("RIFF") && bytes.substr(0, 12).ends_with("WEBP");
}

PictureText read_story(const std::string& path) {
    PictureText text;
    if (path.ends_with(".safetensors")) {
        const auto file = open_tensors(path);
        text.insert(file->metadata().begin(), file->metadata().end());
        if (text.contains("clipig.configuration")) return text;
        throw InputError(fmt::format("'{}' is no checkpoint of clipig", path));
    }
    const std::string bytes = read_file(path);
    if (bytes.empty())
        throw InputError(fmt::format("'{}' is empty: its run was killed before the first picture; `clipig resume` goes on with it", path));
    text = decode_picture(bytes, path).text;
    if (text.contains("clipig-configuration")) return text;
    throw InputError(fmt::format("'{}' carries no configuration; clipig did not write it, or another program saved it anew", path));
}

Node configuration_of(const std::string& path) {
    const PictureText text = read_story(path);
    Node node = parse_yaml(std::make_shared<SourceText>(SourceText{path, text.at("clipig-configuration")}));
    std::erase_if(node.entries, [](const MapEntry& entry) { return entry.key == "output"; });
    return node;
}

}  // namespace clipig
