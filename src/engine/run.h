// A run: the picture, the optimiser, and one epoch after the other.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "engine/events.h"
#include "engine/step.h"
#include "ops/optimizer.h"
#include "ops/pixel_model.h"

namespace clipig {

/// What a run needs from the outside.
struct RunSetup {
    ModelLoader load;
    at::Device device = at::kCPU;
    std::int64_t batch = 0;  ///< views per model evaluation; 0: chosen
};

class Run {
public:
    /// Builds everything: initial picture, operators, models, embeddings. Throws ConfigError or InputError.
    Run(std::shared_ptr<const Config> config, RunSetup setup);

    /// One epoch. Precondition: !done(). Throws ConfigError for an expression that fails, Error for a loss that is not finite.
    const StepEvent& step();
    [[nodiscard]] bool done() const { return epoch_ >= epochs_; }
    [[nodiscard]] std::int64_t epoch() const { return epoch_; }  ///< the next one
    [[nodiscard]] std::int64_t epochs() const { return epochs_; }
    [[nodiscard]] std::uint64_t seed() const { return seed_; }
    [[nodiscard]] StartedEvent started() const;
    [[nodiscard]] const StepEvent& last() const { return last_; }
    /// The picture now, clamped to 0..1, copied to the CPU.
    [[nodiscard]] std::shared_ptr<const Planes> picture() const;
    /// The configuration with all defaults, the drawn seed and the model that was really used.
    [[nodiscard]] Node resolved() const;
    [[nodiscard]] const Config& config() const { return *config_; }
    /// Batches of views as the models would see them, for `clipig preview`: [count,3,H,W] of each target in this epoch.
    [[nodiscard]] std::vector<std::pair<std::string, Tensor>> preview(std::int64_t epoch, std::int64_t count);

private:
    [[nodiscard]] Frame frame_at(std::int64_t epoch) const;
    void follow_resolution(const Frame& frame);
    void apply_postproc(const Frame& frame);
    void optimise(const Tensor& image, const Tensor& gradient, double rate);

    std::shared_ptr<const Config> config_;
    RunSetup setup_;
    std::uint64_t seed_ = 0;
    std::int64_t epoch_ = 0;
    std::int64_t epochs_ = 0;
    RunModels models_;
    std::vector<Target> targets_;
    std::unique_ptr<PixelModel> pixels_;
    std::unique_ptr<Optimizer> optimizer_;
    StepEvent last_;
};

}  // namespace clipig
