// Names of models, and where their files are on this machine. No torch here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "models/download.h"

namespace clipig {

/// One model that is known by name.
struct KnownModel {
    std::string name;      ///< `ViT-B/32`, `ViT-B-32:laion2b_s34b_b79k`, `mini`
    std::string source;    ///< URL, `hf:org/name`, `bundled`
    std::string file{};    ///< file name in ~/.cache/clip, for those with a URL
    std::string sha256{};  ///< full, first 8 digits, or empty when unknown
    std::int64_t view_size = 224;
    double megabytes = 0;     ///< MiB to download, rounded; 0 when unknown
    std::string licence{};    ///< of the weights, as their owners say
    bool quick_gelu = false;  ///< the weights want it; only for files without a configuration beside them, which goes first
    std::int64_t vision_head_width = 64;
    std::string preprocess = "openai";  ///< `openai`; `half` (mean and deviation .5); `half squash`; `openai squash`
    std::vector<std::string> copies{};  ///< the same weights on the hub (`hf:org/name`), in the order to try
};
[[nodiscard]] const std::vector<KnownModel>& known_models();

/// By name: OpenAI's spelling or open_clip's (`ViT-B-32:openai`, `ViT-L-14-336`, `-quickgelu`), in any case; null when there is none.
[[nodiscard]] const KnownModel* known_model(const std::string& name);

/// What a `model:` value led to.
struct FoundModel {
    std::string name;                   ///< the name to show and record
    std::filesystem::path path{};       ///< weight file or folder
    std::string note{};                 ///< one line to tell the user (`auto` fell back to mini, ...), or empty
    std::optional<KnownModel> known{};  ///< what the catalogue says about it
};

/// Find a model: `auto`, a known name, a path, `hf:org/name[@revision][/file]`. With `download` false only this machine is searched.
/// Throws InputError that says where it looked, how to get it, and that `model: mini` is there.
[[nodiscard]] FoundModel find_model(const std::string& name, bool download, const DownloadCallbacks& callbacks = {});

/// The folder of the bundled models: $CLIPIG_MODELS, or beside the program (../models, ../share/clipig/models, one folder further up for
/// the engine). Empty when there is none.
[[nodiscard]] std::filesystem::path bundled_models();

/// One line of `clipig models`.
struct ModelStatus {
    KnownModel model;
    std::filesystem::path path{};  ///< weight file or folder on this machine; empty when it is not here
    std::int64_t bytes = 0;        ///< of the weights on this machine
    [[nodiscard]] bool here() const { return !path.empty(); }
};
/// Every known model, and then those of the hub's cache that are none of them (`hf:org/name`). Does not use the network.
[[nodiscard]] std::vector<ModelStatus> model_statuses();

/// `clipig models get NAME`: from this machine, or else downloaded. A file whose checksum is wrong is fetched anew. Throws as find_model.
[[nodiscard]] FoundModel get_model(const std::string& name, const DownloadCallbacks& callbacks = {});

/// `clipig models verify NAME`: one weight file and what its checksum says.
struct FileCheck {
    std::filesystem::path path;
    std::string expected{};  ///< SHA-256 or a beginning of it, or git's blob hash; empty when none is known
    std::string found{};     ///< of the same kind; SHA-256 when none is known
    std::string problem{};   ///< empty when the file is as promised; else one sentence
};
/// All the files of a model on this machine (known name, path, `hf:`). Throws as find_model without download.
[[nodiscard]] std::vector<FileCheck> verify_model(const std::string& name);

}  // namespace clipig
