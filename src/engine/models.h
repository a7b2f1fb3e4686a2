// The models of a run: loaded once, shared by the targets that name them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "towers/clip_model.h"

namespace clipig {

/// A model that was found and loaded, and what to tell the user about it.
struct LoadedModel {
    std::shared_ptr<ClipModel> model;
    std::string name;  ///< for the resolved configuration: never `auto`
    std::string note;  ///< one line, or empty
};

/// Loads a model by the name in a `model:` parameter. Throws InputError.
using ModelLoader = std::function<LoadedModel(const std::string& name)>;

/// One model of a target and its share of the loss.
struct ModelUse {
    std::size_t model = 0;  ///< index into RunModels::models
    double weight = 1;      ///< the weights of a target's models sum to 1
};

struct RunModels {
    std::vector<LoadedModel> models;

    /// The models that `names` lists (loaded when they are new) with their shares of the loss. One weight stands for all.
    /// Throws ConfigError when the numbers of names and weights differ.
    [[nodiscard]] std::vector<ModelUse> use(const Setting& names, const Setting& weights, const ModelLoader& load);

private:
    [[nodiscard]] std::size_t index_of(const Setting& names, const std::string& name, const ModelLoader& load);
    std::vector<std::string> asked_;
};

/// views [N,3,H,W] -> embeddings [N,E] of norm 1: resized to the model's view size (bicubic, antialiased), clamped so that
/// gradients can bring colours back, encoded, normalised.
[[nodiscard]] Tensor model_views(const Tensor& views, std::int64_t side);
[[nodiscard]] Tensor unit_rows(const Tensor& embeddings);

}  // namespace clipig
