#include "models/catalogue.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/files.h"
#include "base/process.h"
#include "base/text.h"
#include "models/cache.h"
#include "models/hub.h"

namespace clipig {
namespace fs = std::filesystem;
namespace {

constexpr const char* kMiniHint = "`model: mini` needs no download: it is part of clipig";

/// One spelling for all of `ViT-L/14@336px`, `vit-l-14-336`, `ViT-L-14-336-quickgelu:openai`.
std::string key_of(const std::string& name) {
    std::string text = lower(trim(name));
    const auto colon = text.find(':');
    std::string model = text.substr(0, colon);
    std::string tag = colon == std::string::npos ? std::string() : text.substr(colon + 1);
    std::replace_if(
        model.begin(), model.end(), [](char c) { return c == '/' || c == '@' || c == '_'; }, '-');
    std::replace(tag.begin(), tag.end(), '-', '_');
    if (model.ends_with("-quickgelu")) model.resize(model.size() - 10);
    if (model.ends_with("px")) model.resize(model.size() - 2);
    return tag.empty() || tag == "openai" ? model : model + ":" + tag;
}

std::vector<std::string> all_names() {
    std::vector<std::string> names{"auto"};
    for (const auto& model : known_models()) names.push_back(model.name);
    return names;
}

bool is_hub_text(const std::string& name) { return name.starts_with("hf:") || name.starts_with("hf-hub:"); }

/// A path by its looks, so that a missing file is reported as one.
bool looks_like_path(const std::string& name) {
    static constexpr std::array endings{".pt", ".pth", ".bin", ".safetensors", ".ckpt", ".json"};
    if (name.starts_with('/') || name.starts_with('.') || name.starts_with('~') || name.ends_with('/')) return true;
    return std::any_of(endings.begin(), endings.end(), [&](const char* ending) { return lower(name).ends_with(ending); });
}

std::vector<fs::path> bundled_places() {
    if (const std::string given = environment("CLIPIG_MODELS"); !given.empty()) return {expand_path(given)};
    std::vector<fs::path> places;
    if (const fs::path folder = program_folder(); !folder.empty())
        for (const char* step : {"../models", "../share/clipig/models", "../../share/clipig/models", "../../models"})
            places.push_back((folder / step).lexically_normal());
#ifdef CLIPIG_MODELS_DIR
    places.emplace_back(CLIPIG_MODELS_DIR);
#endif
    return places;
}

/// The hub repositories that hold this model, the best first.
std::vector<std::string> hub_sources(const KnownModel& model) {
    std::vector<std::string> sources = model.copies;
    if (is_hub_text(model.source)) sources.insert(sources.begin(), model.source);
    return sources;
}

fs::path local_path(const KnownModel& model) {
    std::error_code code;
    if (model.source == "bundled") {
        const fs::path folder = bundled_models();
        return folder.empty() || !fs::is_directory(folder / model.name, code) ? fs::path() : folder / model.name;
    }
    if (!model.file.empty() && fs::is_regular_file(clip_cache() / model.file, code)) return clip_cache() / model.file;
    for (const auto& source : hub_sources(model))
        if (const auto path = find_in_hub_cache(parse_hub(source))) return *path;
    return {};
}

/// The places that local_path looks at, a line each.
std::string looked_in(const KnownModel& model) {
    std::string text;
    if (model.source == "bundled")
        for (const auto& place : bundled_places()) text += "\n  " + (place / model.name).string();
    if (!model.file.empty()) text += "\n  " + (clip_cache() / model.file).string();
    for (const auto& source : hub_sources(model)) text += "\n  " + hub_folder(hub_settings(), parse_hub(source).repository).string();
    return text;
}

/// The URL of a model, with a mirror's address ($CLIPIG_OPENAI_ENDPOINT) in place of OpenAI's.
std::string url_of(const KnownModel& model) {
    constexpr std::string_view official = "https://openaipublic.azureedge.net";
    std::string mirror = environment("CLIPIG_OPENAI_ENDPOINT");
    while (mirror.ends_with('/')) mirror.pop_back();
    if (mirror.empty() || !model.source.starts_with(official)) return model.source;
    return mirror + model.source.substr(official.size());
}

DownloadOptions options_for(const KnownModel& model, const DownloadCallbacks& callbacks) {
    DownloadOptions options;
    options.sha256 = model.sha256;
    options.callbacks = callbacks;
    return options;
}

/// From the owner; when that server is gone, from a copy on the hub.
fs::path fetch(const KnownModel& model, const DownloadCallbacks& callbacks) {
    if (is_hub_text(model.source)) return fetch_from_hub(parse_hub(model.source), callbacks);
    const fs::path path = clip_cache() / model.file;
    try {
        download(url_of(model), path, options_for(model, callbacks));
        return path;
    } catch (const DownloadError& error) {
        const auto kind = error.failure();
        const bool gone = kind == DownloadFailure::not_found || kind == DownloadFailure::refused || kind == DownloadFailure::unreachable ||
                          kind == DownloadFailure::server;
        if (model.copies.empty() || !gone) throw;
        if (callbacks.note) callbacks.note(std::string(error.what()) + "; trying " + model.copies.front());
        try {
            return fetch_from_hub(parse_hub(model.copies.front()), callbacks);
        } catch (const DownloadError& second) {
            throw DownloadError(kind, std::string(error.what()) + "\n" + second.what());
        }
    }
}

FoundModel found(const KnownModel& model, fs::path path) { return {model.name, std::move(path), {}, model}; }

std::string size_note(const KnownModel& model) { return model.megabytes > 0 ? " (" + byte_text(model.megabytes * 1048576.0) + ")" : ""; }

FoundModel find_known(const KnownModel& model, bool may_download, const DownloadCallbacks& callbacks) {
    if (fs::path path = local_path(model); !path.empty()) return found(model, std::move(path));
    if (model.source == "bundled")
        throw InputError("the bundled model '" + model.name + "' is not beside the program; looked in:" + looked_in(model) +
                         "\nset CLIPIG_MODELS to the folder that holds it");
    if (!may_download)
        throw InputError("model '" + model.name + "' is not on this machine; looked in:" + looked_in(model) +
                         "\nget it with `clipig models get " + model.name + "`" + size_note(model) + "; " + kMiniHint);
    try {
        return found(model, fetch(model, callbacks));
    } catch (const DownloadError& error) {
        throw DownloadError(error.failure(), "model '" + model.name + "' is not on this machine and does not come from the network: " +
                                                 error.what() + "\nlooked in:" + looked_in(model) +
                                                 "\nonce there is a network: `clipig models get " + model.name + "`; " + kMiniHint);
    }
}

const char* few_words(DownloadFailure failure) {
    switch (failure) {
        case DownloadFailure::unreachable: return "no connection";
        case DownloadFailure::offline: return "HF_HUB_OFFLINE is set";
        case DownloadFailure::no_space: return "the disk is full";
        case DownloadFailure::unwritable: return "the cache folder cannot be written";
        case DownloadFailure::broken: return "the connection broke";
        case DownloadFailure::wrong_content: return "the server sent other bytes than promised";
        case DownloadFailure::not_found:
        case DownloadFailure::refused:
        case DownloadFailure::server: break;
    }
    return "the server does not give it";
}

FoundModel find_auto(bool may_download, const DownloadCallbacks& callbacks) {
    const KnownModel& wanted = *known_model("ViT-B/32");
    const KnownModel& laion = *known_model("ViT-B-32:laion2b_s34b_b79k");
    for (const KnownModel* model : {&wanted, &laion}) {
        fs::path path = local_path(*model);
        if (path.empty()) continue;
        FoundModel result = found(*model, std::move(path));
        result.note = "model auto: " + model->name + " (" + result.path.string() + ")";
        return result;
    }
    std::string reason = "is not on this machine";
    if (may_download) {
        try {
            FoundModel result = found(wanted, fetch(wanted, callbacks));
            result.note = "model auto: " + wanted.name + ", downloaded to " + result.path.string();
            return result;
        } catch (const DownloadError& error) {
            reason += std::string(" and cannot be downloaded (") + few_words(error.failure()) + ")";
        }
    }
    FoundModel result = find_known(*known_model("mini"), false, callbacks);
    result.note = "model auto: the small bundled model mini, because " + wanted.name + " " + reason;
    return result;
}

FoundModel find_on_hub(const std::string& name, bool may_download, const DownloadCallbacks& callbacks) {
    const HubReference reference = parse_hub(name);
    FoundModel result{hub_text(reference)};
    for (const auto& model : known_models())
        if (model.source == result.name || std::count(model.copies.begin(), model.copies.end(), result.name) > 0) result.known = model;
    if (const auto path = find_in_hub_cache(reference)) {
        result.path = *path;
    } else if (may_download) {
        result.path = fetch_from_hub(reference, callbacks);
    } else {
        throw InputError("model '" + result.name + "' is not on this machine; looked in:\n  " +
                         hub_folder(hub_settings(), reference.repository).string() + "\nget it with `clipig models get " + result.name +
                         "`; " + kMiniHint);
    }
    return result;
}

FoundModel find_path(const std::string& name, fs::path path) {
    const auto snapshot_of_main = [](const fs::path& repository) {
        const fs::path ref = repository / "refs" / "main";
        return fs::is_regular_file(ref) ? repository / "snapshots" / std::string(trim(read_file(ref))) : fs::path();
    };
    if (fs::is_directory(path / "snapshots"))  // a repository of the hub's cache, as people copy its path
        if (fs::path snapshot = snapshot_of_main(path); fs::is_directory(snapshot)) path = std::move(snapshot);
    FoundModel result{name, std::move(path)};
    for (const auto& model : known_models())
        if (!model.file.empty() && result.path.filename() == model.file) result.known = model;
    return result;
}

InputError unknown_name(const std::string& name) {
    const std::string suggestion = did_you_mean(name, all_names());
    return InputError("no model '" + name + "': it is neither a known name nor a file or folder here" +
                      (suggestion.empty() ? "" : "; " + suggestion) +
                      "\n`clipig models` lists the names; models of the Hugging Face hub are written hf:org/name; " + kMiniHint);
}

FileCheck check_file(const fs::path& path, const std::string& sha256) {
    std::error_code code;
    FileCheck check{path, sha256};
    const std::string blob = fs::is_symlink(path, code) ? fs::read_symlink(path, code).filename().string() : std::string();
    if (sha256.empty() && (blob.size() == 64 || blob.size() == 40)) check.expected = blob;  // the hub names a blob by its checksum
    check.found = check.expected.size() == 40 ? git_blob_sha1(path) : sha256_file(path);
    if (!check.found.starts_with(check.expected))
        check.problem = "'" + path.string() + "' is not the promised file: checksum " + check.found + ", expected " + check.expected;
    return check;
}

}  // namespace

const KnownModel* known_model(const std::string& name) {
    const std::string key = key_of(name);
    for (const auto& model : known_models())
        if (key_of(model.name) == key) return &model;
    return nullptr;
}

fs::path bundled_models() {
    std::error_code code;
    for (const auto& place : bundled_places())
        if (fs::is_directory(place / "mini", code)) return place;
    return {};
}

FoundModel find_model(const std::string& name, bool download, const DownloadCallbacks& callbacks) {
    if (name.empty() || lower(name) == "auto") return find_auto(download, callbacks);
    if (const KnownModel* model = known_model(name)) return find_known(*model, download, callbacks);
    if (is_hub_text(name)) return find_on_hub(name, download, callbacks);
    fs::path path = expand_path(name);
    std::error_code code;
    if (fs::exists(path, code)) return find_path(name, std::move(path));
    if (looks_like_path(name)) throw InputError("no model '" + name + "': there is no such file or folder; " + kMiniHint);
    const bool like_hub =
        std::count(name.begin(), name.end(), '/') == 1 && name.find(':') == std::string::npos && did_you_mean(name, all_names()).empty();
    if (!like_hub) throw unknown_name(name);
    return find_on_hub("hf:" + name, download, callbacks);
}

FoundModel get_model(const std::string& name, const DownloadCallbacks& callbacks) {
    const KnownModel* model = known_model(name);
    if (model != nullptr && !model->sha256.empty() && fs::is_regular_file(clip_cache() / model->file)) {
        DownloadOptions options = options_for(*model, callbacks);
        options.replace = true;
        ::clipig::download(url_of(*model), clip_cache() / model->file, options);
    }
    return find_model(name, true, callbacks);
}

std::vector<ModelStatus> model_statuses() {
    std::vector<ModelStatus> list;
    std::vector<std::string> listed;
    const auto add = [&list](const KnownModel& model) {
        ModelStatus status{model, local_path(model)};
        std::error_code code;
        const fs::path weights = fs::is_directory(status.path, code) ? weights_in(status.path) : status.path;
        if (!weights.empty()) status.bytes = static_cast<std::int64_t>(fs::file_size(weights, code));
        list.push_back(std::move(status));
    };
    for (const auto& model : known_models()) {
        add(model);
        for (const auto& source : hub_sources(model)) listed.push_back(source);
    }
    for (const auto& repository : cached_repositories(hub_settings())) {
        KnownModel other;
        other.name = other.source = "hf:" + repository;
        other.view_size = 0;
        if (std::find(listed.begin(), listed.end(), other.name) == listed.end()) add(other);
    }
    return list;
}

std::vector<FileCheck> verify_model(const std::string& name) {
    const FoundModel model = find_model(name, false);
    std::error_code code;
    const bool one_file = !fs::is_directory(model.path, code);
    if (one_file)
        return {check_file(model.path, model.known && model.path.filename() == model.known->file ? model.known->sha256 : std::string())};
    std::vector<FileCheck> checks;
    for (const auto& entry : fs::recursive_directory_iterator(model.path))
        if (entry.is_regular_file(code)) checks.push_back(check_file(entry.path(), {}));
    std::sort(checks.begin(), checks.end(), [](const FileCheck& a, const FileCheck& b) { return a.path < b.path; });
    return checks;
}

}  // namespace clipig
