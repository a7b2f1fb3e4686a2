// Models of the Hugging Face hub, in the hub's own cache layout, so that other programs share the files. No torch here.
// Layout and rules: https://huggingface.co/docs/hub/local-cache and huggingface_hub's environment variables.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/download.h"

namespace clipig {

/// `hf:org/name[@revision][/file]`. A revision is a branch, a tag, a commit, or `refs/pr/N`.
struct HubReference {
    std::string repository;  ///< `org/name`, or a bare `name`
    std::string revision = "main";
    std::string file;  ///< inside the repository; empty for the model as a whole
};

/// With or without the prefix `hf:` (also `hf-hub:`). Throws InputError for a text that is none, or that would leave the cache folder.
[[nodiscard]] HubReference parse_hub(std::string_view text);
[[nodiscard]] std::string hub_text(const HubReference& reference);  ///< `hf:org/name`, with the revision when it is not main

/// From the environment: HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME, XDG_CACHE_HOME; HF_ENDPOINT; HF_TOKEN,
/// HUGGING_FACE_HUB_TOKEN, HF_TOKEN_PATH, HF_HUB_DISABLE_IMPLICIT_TOKEN; HF_HUB_ETAG_TIMEOUT, HF_HUB_DOWNLOAD_TIMEOUT.
struct HubSettings {
    std::filesystem::path cache;
    std::string endpoint;          ///< without a slash at the end
    std::string token;             ///< empty: none
    double etag_timeout = 10;      ///< seconds, for the question what a file is
    double download_timeout = 10;  ///< seconds without a byte
};
[[nodiscard]] HubSettings hub_settings();

/// `cache/models--org--name`.
[[nodiscard]] std::filesystem::path hub_folder(const HubSettings& settings, const std::string& repository);

/// The snapshot folder that the revision means on this machine: a commit by its name, else by refs/REVISION; never another one.
[[nodiscard]] std::optional<std::filesystem::path> cached_snapshot(const HubSettings& settings, const HubReference& reference);

/// The weight file in a folder in any layout (first of weight_files() that is there, with all its shards); empty when there is none.
[[nodiscard]] std::filesystem::path weights_in(const std::filesystem::path& folder);

/// Names of weight files, the best first.
[[nodiscard]] const std::vector<std::string>& weight_files();

/// The model on this machine: the snapshot folder when it holds weights, or the file when the reference names one.
[[nodiscard]] std::optional<std::filesystem::path> find_in_hub_cache(const HubReference& reference);

/// The same from the network: configuration, tokenizer, preprocessor and weights (or the one file) of the newest commit of the revision.
/// Small files first, so that a snapshot with weights is a whole one. Optional files that are not there are recorded in .no_exist.
/// Throws DownloadError, InputError.
[[nodiscard]] std::filesystem::path fetch_from_hub(const HubReference& reference, const DownloadCallbacks& callbacks = {});

/// Repositories in the cache with weights under their main revision: `org/name`.
[[nodiscard]] std::vector<std::string> cached_repositories(const HubSettings& settings);

}  // namespace clipig
