// What a configuration file beside the weights says about a CLIP: open_clip_config.json, or transformers' config.json with
// preprocessor_config.json.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "towers/architecture.h"

namespace clipig {

struct ModelConfig {
    std::string file;  ///< where it was read; empty: there is none
    std::optional<Activation> vision_activation, text_activation;
    std::optional<std::int64_t> vision_heads, vision_head_width, text_heads;
    std::optional<double> vision_epsilon, text_epsilon;
    std::optional<std::int64_t> end_token;
    std::optional<std::array<double, 3>> mean, deviation;
    std::optional<std::string> interpolation, resize_mode;
    std::optional<std::int64_t> view_size;  ///< where patches need not divide it: SigLIP
};

struct ModelHints;
/// Fill what the configuration leaves open.
void take_hints(ModelConfig& config, const ModelHints& hints);

/// Where the weights and their configuration are.
struct ModelFiles {
    std::filesystem::path weights;
    std::filesystem::path folder;  ///< searched for configuration and vocabulary
};

/// A folder becomes the weight file in it (the names that open_clip and transformers look for, in their order, else the only
/// weight file there is). Throws InputError when there is none or more than one.
[[nodiscard]] ModelFiles find_weights(const std::filesystem::path& path);

/// Read the configuration for weights in this key layout; an empty one when there is none. Throws InputError for a
/// configuration that cannot be read, or that asks for something this program's towers do not have.
[[nodiscard]] ModelConfig read_model_config(const std::filesystem::path& folder, bool huggingface);

}  // namespace clipig
