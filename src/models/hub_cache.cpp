// The hub's cache on this machine: settings, names, lookup. The network side is in hub.cpp.
#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

#include "base/files.h"
#include "base/text.h"
#include "models/cache.h"
#include "models/hub.h"

namespace clipig {
namespace fs = std::filesystem;
namespace {

std::string first_of(std::initializer_list<const char*> names) {
    for (const char* name : names)
        if (std::string value = environment(name); !value.empty()) return value;
    return {};
}

fs::path hub_home() {
    const std::string home = environment("HF_HOME");
    return home.empty() ? user_cache() / "huggingface" : expand_path(home);
}

std::string token() {
    if (environment_switch("HF_HUB_DISABLE_IMPLICIT_TOKEN")) return {};
    std::string text = first_of({"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"});
    const std::string named = environment("HF_TOKEN_PATH");
    const fs::path file = named.empty() ? hub_home() / "token" : expand_path(named);
    std::error_code code;
    if (text.empty() && fs::is_regular_file(file, code)) text = read_file(file);
    std::erase_if(text, [](char c) { return c == '\r' || c == '\n'; });
    return std::string(trim(text));
}

double seconds_from(const char* name) {
    const double seconds = std::strtod(environment(name).c_str(), nullptr);
    return seconds > 0 ? std::min(seconds, 3600.0) : 10;
}

bool plain_name(std::string_view text) {
    const auto fine = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.'; };
    return !text.empty() && text != "." && text != ".." && std::all_of(text.begin(), text.end(), fine);
}

/// Stays inside of the folder it is appended to.
bool stays_inside(const std::string& path) {
    if (path.empty() || path.front() == '/' || path.find('\\') != std::string::npos || path.find('\0') != std::string::npos) return false;
    for (const auto& piece : split(path, '/'))
        if (piece.empty() || piece == "." || piece == "..") return false;
    return true;
}

bool is_commit(const std::string& text) { return text.size() == 40 && text.find_first_not_of("0123456789abcdef") == std::string::npos; }

/// Takes the revision off the front of the pieces: three of them for refs/pr/1 and refs/convert/x, else one.
std::string take_revision(std::vector<std::string>& pieces) {
    const std::size_t count = pieces.size() >= 3 && pieces[0] == "refs" && (pieces[1] == "pr" || pieces[1] == "convert") ? 3 : 1;
    const std::string revision = join({pieces.begin(), pieces.begin() + static_cast<std::ptrdiff_t>(count)}, "/");
    pieces.erase(pieces.begin(), pieces.begin() + static_cast<std::ptrdiff_t>(count));
    return revision;
}

bool all_shards(const fs::path& index) {
    const auto json = nlohmann::json::parse(read_file(index), nullptr, false);
    if (!json.is_object() || !json.contains("weight_map") || !json["weight_map"].is_object()) return false;
    std::set<std::string> files;
    for (const auto& file : json["weight_map"])
        if (file.is_string()) files.insert(file.get<std::string>());
    std::error_code code;
    return !files.empty() && std::all_of(files.begin(), files.end(), [&](const std::string& file) {
        return stays_inside(file) && fs::is_regular_file(index.parent_path() / file, code);
    });
}

}  // namespace

HubReference parse_hub(std::string_view text) {
    std::string_view rest = text;
    for (const std::string_view prefix : {"hf:", "hf-hub:"})
        if (rest.starts_with(prefix)) {
            rest.remove_prefix(prefix.size());
            break;
        }
    HubReference reference;
    std::vector<std::string> pieces;
    const auto at = rest.find('@');
    auto names = split(rest.substr(0, at), '/');
    if (at == std::string_view::npos) {
        if (names.size() > 2) pieces.assign(names.begin() + 2, names.end());
        if (names.size() > 2) names.resize(2);
    } else {
        pieces = split(rest.substr(at + 1), '/');
        reference.revision = take_revision(pieces);
    }
    reference.repository = join(names, "/");
    reference.file = join(pieces, "/");
    const bool fine = names.size() <= 2 &&
                      std::all_of(names.begin(), names.end(), [](const std::string& name) { return plain_name(name); }) &&
                      reference.repository.find("--") == std::string::npos && stays_inside(reference.revision) &&
                      (reference.file.empty() || stays_inside(reference.file));
    if (!fine)
        throw InputError(
            "'" + std::string(text) +
            "' is not a model of the Hugging Face hub; they are written hf:org/name, hf:org/name@revision or hf:org/name/file");
    return reference;
}

std::string hub_text(const HubReference& reference) {
    std::string text = "hf:" + reference.repository;
    if (reference.revision != "main") text += "@" + reference.revision;
    if (!reference.file.empty()) text += "/" + reference.file;
    return text;
}

HubSettings hub_settings() {
    HubSettings settings;
    const std::string cache = first_of({"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"});
    settings.cache = cache.empty() ? hub_home() / "hub" : expand_path(cache);
    settings.endpoint = environment("HF_ENDPOINT");
    if (settings.endpoint.empty()) settings.endpoint = "https://huggingface.co";
    while (settings.endpoint.ends_with('/')) settings.endpoint.pop_back();
    settings.token = token();
    settings.etag_timeout = seconds_from("HF_HUB_ETAG_TIMEOUT");
    settings.download_timeout = seconds_from("HF_HUB_DOWNLOAD_TIMEOUT");
    return settings;
}

fs::path hub_folder(const HubSettings& settings, const std::string& repository) {
    return settings.cache / ("models--" + join(split(repository, '/'), "--"));
}

std::optional<fs::path> cached_snapshot(const HubSettings& settings, const HubReference& reference) {
    const fs::path folder = hub_folder(settings, reference.repository);
    std::error_code code;
    std::string commit = reference.revision;
    if (!is_commit(commit)) {
        const fs::path ref = folder / "refs" / reference.revision;
        if (!fs::is_regular_file(ref, code)) return std::nullopt;
        commit = trim(read_file(ref));
    }
    if (!stays_inside(commit) || commit.find('/') != std::string::npos) return std::nullopt;
    const fs::path snapshot = folder / "snapshots" / commit;
    if (!fs::is_directory(snapshot, code)) return std::nullopt;
    return snapshot;
}

const std::vector<std::string>& weight_files() {
    static const std::vector<std::string> names{"open_clip_model.safetensors",  "model.safetensors",
                                                "model.safetensors.index.json", "open_clip_pytorch_model.safetensors",
                                                "open_clip_pytorch_model.bin",  "pytorch_model.bin"};
    return names;
}

fs::path weights_in(const fs::path& folder) {
    std::error_code code;
    for (const auto& name : weight_files()) {
        fs::path path = folder / name;
        if (!fs::is_regular_file(path, code)) continue;  // a link without its blob is no file
        if (!name.ends_with(".index.json") || all_shards(path)) return path;
    }
    return {};
}

std::optional<fs::path> find_in_hub_cache(const HubReference& reference) {
    const auto snapshot = cached_snapshot(hub_settings(), reference);
    if (!snapshot) return std::nullopt;
    std::error_code code;
    if (!reference.file.empty())
        return fs::is_regular_file(*snapshot / reference.file, code) ? std::optional(*snapshot / reference.file) : std::nullopt;
    return weights_in(*snapshot).empty() ? std::nullopt : snapshot;
}

std::vector<std::string> cached_repositories(const HubSettings& settings) {
    std::vector<std::string> found;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(settings.cache, code)) {
        std::string name = entry.path().filename().string();
        if (!name.starts_with("models--")) continue;
        name.erase(0, 8);
        if (const auto dashes = name.find("--"); dashes != std::string::npos) name.replace(dashes, 2, "/");
        HubReference reference;
        reference.repository = name;
        const auto snapshot = cached_snapshot(settings, reference);
        if (snapshot && !weights_in(*snapshot).empty()) found.push_back(name);
    }
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace clipig
