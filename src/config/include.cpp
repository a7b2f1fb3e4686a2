#include "config/include.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/files.h"
#include "base/text.h"

namespace clipig {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxChain = 16;
constexpr std::size_t kMaxFiles = 200;

class Includer {
public:
    Includer(const std::function<Node(const std::string&)>& load, std::vector<std::string>& seen) : load_(load), seen_(seen) {}

    Node expand(Node document, const std::string& file) {
        seen_.push_back(file);
        const MapEntry* entry = document.entry("include");
        if (entry == nullptr) return document;
        chain_.push_back(file);
        Node below;
        for (const Node& name : names(*entry)) below = merge(std::move(below), included(name, file));
        chain_.pop_back();
        std::erase_if(document.entries, [](const MapEntry& e) { return e.key == "include"; });
        return merge(std::move(below), std::move(document));
    }

private:
    static std::vector<Node> names(const MapEntry& entry) {
        if (entry.value.kind == NodeKind::null) return {};
        const std::vector<Node> list = entry.value.kind == NodeKind::sequence ? entry.value.items : std::vector<Node>{entry.value};
        for (const Node& name : list) {
            if (name.kind == NodeKind::scalar && !trim(name.scalar).empty()) continue;
            throw ConfigError({name.at.known() ? name.at : entry.key_at, "include: must be the name of a file, or a list of names"});
        }
        return list;
    }

    Node included(const Node& name, const std::string& includer) {
        const std::string path = path_of(name.scalar, includer);
        const int length = static_cast<int>(utf8_length(name.scalar));
        const std::string chain = fmt::format("{} -> {}", join(chain_, " -> "), path);
        if (contains(chain_, path)) {
            throw ConfigError({name.at, fmt::format("include: '{}' includes itself: {}", path, chain), "remove one of them", length});
        }
        if (contains(seen_, path)) return {};
        if (chain_.size() >= kMaxChain) {
            throw ConfigError(
                {name.at, fmt::format("include: more than {} files, one inside the other: {}", kMaxChain, chain), {}, length});
        }
        if (++files_ > kMaxFiles) {
            throw ConfigError({name.at, fmt::format("include: more than {} files in all", kMaxFiles), {}, length});
        }
        return expand(read(path, name, chain, length), path);
    }

    [[nodiscard]] Node read(const std::string& path, const Node& name, const std::string& chain, int length) const {
        try {
            Node document = load_(path);
            if (document.kind == NodeKind::map || document.kind == NodeKind::null) return document;
            throw ConfigError({document.at, fmt::format("an included file must hold a map of `key: value` ({})", chain)});
        } catch (const ConfigError&) {
            throw;
        } catch (const InputError& error) {
            const std::string hint = chain_.size() > 1 ? fmt::format("it is included by {}", join(chain_, " -> ")) : std::string();
            throw ConfigError({name.at, fmt::format("include: {}", error.what()), hint, length});
        }
    }

    /// As the includer's folder sees it, spelled as short as it can be.
    static std::string path_of(const std::string& name, const std::string& includer) {
        const fs::path given = expand_home(std::string(trim(name)));
        const fs::path folder = includer == "-" ? fs::path() : expand_home(includer).parent_path();
        return (given.is_absolute() ? given : folder / given).lexically_normal().string();
    }

    static bool contains(const std::vector<std::string>& files, const std::string& path) {
        return std::any_of(files.begin(), files.end(), [&](const std::string& file) {
            std::error_code code;
            return file == path || (fs::equivalent(expand_home(file), expand_home(path), code) && !code);
        });
    }

    const std::function<Node(const std::string&)>& load_;
    std::vector<std::string>& seen_;
    std::vector<std::string> chain_;
    std::size_t files_ = 0;
};

}  // namespace

Node with_includes(Node document, const std::string& file, const std::function<Node(const std::string&)>& load,
                   std::vector<std::string>& seen) {
    return Includer(load, seen).expand(std::move(document), file);
}

}  // namespace clipig
