// Features: what a target wants to see, as embeddings of texts and pictures.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "engine/models.h"
#include "image/picture.h"
#include "ops/loss.h"

namespace clipig {

struct Feature {
    const Settings* settings = nullptr;
    std::string name;  ///< the prompt, or the picture's file name
    std::unique_ptr<Loss> loss;
    std::vector<Tensor> embeddings;  ///< [E] of norm 1, one for each ModelUse of the target
    bool guard = false;              ///< that of `no_text`: counts for every view whatever `select` chooses
    double fair_scale = 1;           ///< set on the target's first frame when feature_scale is fair
};

/// Encode a target's features with its models. A picture is prepared as the model's own preprocessing does.
/// Throws ConfigError at the feature's place for a prompt that is too long or a picture that cannot be read.
[[nodiscard]] std::vector<Feature> make_features(const TargetConfig& target, const std::vector<ModelUse>& uses, const RunModels& models,
                                                 bool truncate_all);

/// The picture at a path or URL (downloaded once and cached). Throws ConfigError at the setting's place.
[[nodiscard]] Picture picture_of(const Setting& setting);

}  // namespace clipig
