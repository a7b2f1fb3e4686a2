// A loaded CLIP: frozen weights, an image tower that is differentiable with respect to the views, a text tower.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "image/pillow_resize.h"
#include "ops/tensor.h"

namespace clipig {

/// What is known (from a catalogue) about weights for which no configuration says it. A configuration beside them goes first.
struct ModelHints {
    std::optional<bool> quick_gelu;
    std::optional<std::int64_t> vision_head_width;
    bool half_statistics = false;  ///< mean and deviation .5
    bool squash = false;           ///< pictures are squashed to squares instead of cropped
};

/// How pictures of the outside become views: the model's own way, as its training data were made.
struct PicturePreparation {
    ResizeMode mode = ResizeMode::shortest;
    Filter filter = Filter::bicubic;
};

struct ModelOptions {
    at::Device device = at::kCPU;
    std::string precision = "auto";  ///< auto, fp32, bf16, fp16
    bool plain = false;              ///< stock ATen operations only: the reference that the fast paths are checked against
    ModelHints hints{};
};

class ClipModel {
public:
    virtual ~ClipModel() = default;
    /// Side of the square views that the image tower takes, in pixels.
    [[nodiscard]] virtual std::int64_t view_size() const = 0;
    /// Dimension E of the embeddings.
    [[nodiscard]] virtual std::int64_t embedding_size() const = 0;
    /// views [N,3,S,S] sRGB 0..1, S = view_size(), float32 on the model's device -> [N,E], not normalised.
    /// Normalises with the model's own mean and std. Differentiable in views; no gradient exists for weights.
    [[nodiscard]] virtual Tensor encode_image(const Tensor& views) const = 0;
    /// prompts -> [T,E], not normalised, no gradient. Throws InputError for a prompt that is too long.
    [[nodiscard]] virtual Tensor encode_text(const std::vector<std::string>& prompts, bool truncate = false) const = 0;
    /// One prompt of any length -> [P,E]: its pieces, each of at most the context's length and encoded as a text of its own.
    [[nodiscard]] virtual Tensor encode_long_text(const std::string& prompt) const = 0;
    [[nodiscard]] virtual PicturePreparation preparation() const = 0;
    /// Bytes that the gradient of `count` views takes while it is computed, about.
    [[nodiscard]] virtual double working_bytes(std::int64_t count) const = 0;
    [[nodiscard]] virtual at::Device device() const = 0;
    [[nodiscard]] virtual const std::string& name() const = 0;  ///< as asked for
    [[nodiscard]] virtual const std::string& hash() const = 0;  ///< SHA-256 of the weight file
    [[nodiscard]] virtual std::string describe() const = 0;     ///< `ViT-B/32, 224 px, 151 M parameters, float32 on cpu`
};

/// Load from a weight file or a folder (config beside the weights is used when there). Throws InputError.
[[nodiscard]] std::shared_ptr<ClipModel> load_clip(const std::filesystem::path& path, const std::string& name, const ModelOptions& options);

/// What a model would take if it were loaded, from the shapes of its tensors alone.
struct ModelNeed {
    std::string architecture;  ///< ViT-B/32, RN50, or its sizes
    std::int64_t view_size = 0;
    double weights = 0;  ///< bytes
    double view = 0;     ///< bytes for the gradient of one view
};
[[nodiscard]] ModelNeed model_need(const std::filesystem::path& path, const std::string& name, const ModelOptions& options);

}  // namespace clipig
