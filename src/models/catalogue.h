// Names of models, and where their files are on this machine. No torch here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace clipig {

/// One line of `clipig models`.
struct KnownModel {
    std::string name;       ///< `ViT-B/32`, `ViT-B-32:laion2b_s34b_b79k`, `mini`
    std::string source;     ///< URL, `hf:org/name`, `bundled`
    std::string file;       ///< file name in the cache
    std::string sha256;     ///< full, first 8 digits, or empty when unknown
    std::int64_t view_size = 224;
    double megabytes = 0;
    std::string licence;
    bool quick_gelu = false;
};
[[nodiscard]] const std::vector<KnownModel>& known_models();

/// What a `model:` value led to.
struct FoundModel {
    std::string name;                ///< the name to show and record
    std::filesystem::path path;      ///< weight file or folder
    std::string note;                ///< one line to tell the user (`auto` fell back to mini, ...), or empty
};

/// Find a model: `auto`, a known name, a path, `hf:org/name[@revision]`. With `download` false only this machine is searched.
/// Throws InputError that says where it looked, how to get it, and that `model: mini` is there.
[[nodiscard]] FoundModel find_model(const std::string& name, bool download);

/// The folder of the bundled models: beside the program (../models, ../share/clipig/models), or $CLIPIG_MODELS.
[[nodiscard]] std::filesystem::path bundled_models();

}  // namespace clipig
