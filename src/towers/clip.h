// The one implementation of ClipModel, for those who need its insides: tests and benchmarks.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "towers/clip_model.h"
#include "towers/memory_need.h"
#include "towers/towers.h"

namespace clipig {

class Tokenizer;
class WeightTable;

/// infer_architecture() with the configuration in `folder`, and with `hints` where it says nothing.
[[nodiscard]] Architecture read_architecture(const WeightTable& table, const std::filesystem::path& folder, const std::string& name,
                                             const ModelHints& hints);

class Clip : public ClipModel {
public:
    /// The weights of `file`, whose vocabulary (read when it is first needed) lies in or beside `folder`.
    Clip(const std::filesystem::path& file, const std::filesystem::path& folder, std::string name, const ModelOptions& options);
    ~Clip() override;

    [[nodiscard]] std::int64_t view_size() const override { return net_.view_size; }
    [[nodiscard]] std::int64_t embedding_size() const override { return net_.embedding; }
    [[nodiscard]] Tensor encode_image(const Tensor& views) const override;
    [[nodiscard]] Tensor encode_text(const std::vector<std::string>& prompts, bool truncate) const override;
    [[nodiscard]] Tensor encode_long_text(const std::string& prompt) const override;
    [[nodiscard]] PicturePreparation preparation() const override;
    [[nodiscard]] double working_bytes(std::int64_t count) const override { return clipig::working_bytes(net_, kind_, count); }
    [[nodiscard]] at::Device device() const override { return device_; }
    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] const std::string& hash() const override;
    [[nodiscard]] std::string describe() const override;

    /// ids [T,context] int64, CPU -> [T,E].
    [[nodiscard]] Tensor encode_tokens(const Tensor& ids) const { return text_->forward(ids); }
    [[nodiscard]] const Architecture& architecture() const { return net_; }
    [[nodiscard]] const ImageTower& image_tower() const { return *image_; }

private:
    [[nodiscard]] const Tokenizer& tokenizer() const;
    template <class Weights>
    [[nodiscard]] std::unique_ptr<ImageTower> choose_tower(const Weights& weights, const ModelOptions& options);
    void take_towers(WeightTable& table, const ModelOptions& options);
    [[nodiscard]] Tensor normalised(const Tensor& views) const;

    std::filesystem::path file_, folder_;
    std::string name_, precision_;
    at::Device device_;
    Architecture net_;
    ComputeKind kind_;
    std::unique_ptr<ImageTower> image_;
    std::unique_ptr<TextTower> text_;
    Tensor mean_, deviation_;  ///< [1,3,1,1]
    mutable std::once_flag hash_once_, tokenizer_once_;
    mutable std::string hash_;
    mutable std::unique_ptr<Tokenizer> tokenizer_;
};

}  // namespace clipig
