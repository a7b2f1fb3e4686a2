// The loop of training: batches, attacks, updates, checkpoints.
#pragma once

#include <filesystem>

#include "adamw.h"
#include "batch.h"
#include "model.h"

namespace clipig::mini {

/// What goes on from a checkpoint besides arrays.
struct Progress {
    std::int64_t step = 0;      ///< updates done
    std::uint32_t batch = 0;    ///< batches drawn
    double attack = 0;          ///< length of the attack now, as Settings::attack
    double right = 0;           ///< running mean of the share of clean batches that is right
    double attacked_right = 0;  ///< of attacked ones
};

/// One update, for the log.
struct Update {
    double loss = 0, contrast = 0, right = 0, norm = 0;
    bool attacked = false;
};

class Trainer {
public:
    /// Goes on from `folder/checkpoint.safetensors` when there is one.
    Trainer(const Settings& settings, const std::filesystem::path& folder);

    /// Draw a batch; one update on it, and, when there is an attack by now, one on the batch after the attack.
    [[nodiscard]] std::vector<Update> step();
    [[nodiscard]] const Progress& progress() const { return progress_; }
    void save();
    /// Write the running mean of the weights as a model folder that the program reads.
    void write_model(const std::filesystem::path& to);
    [[nodiscard]] Model& model() { return model_; }
    [[nodiscard]] const Source& source() const { return source_; }

private:
    Update update(const Batch& batch, const Tensor& views, Tensor* view_gradient);
    void load(const std::filesystem::path& file);

    Settings settings_;
    std::filesystem::path folder_;
    Source source_;
    Model model_;
    AdamW adam_;
    Progress progress_;
};

/// Train until the last step or for `minutes`, writing `log.tsv` and checkpoints into the folder.
void train(const Settings& settings, const std::filesystem::path& folder, double minutes);

}  // namespace clipig::mini
