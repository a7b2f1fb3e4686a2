// A run: the picture, the optimiser, and one epoch after the other.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/config.h"
#include "engine/batch_size.h"
#include "engine/events.h"
#include "engine/mask.h"
#include "engine/run_state.h"
#include "engine/step.h"
#include "ops/optimizer.h"
#include "ops/pixel_model.h"

namespace clipig {

/// What a run needs from the outside.
struct RunSetup {
    ModelLoader load;
    at::Device device = at::kCPU;
    std::optional<std::uint64_t> seed{};  ///< instead of the configuration's
};

/// One of several settings that act one after another; a run without `stages` has one.
struct Stage {
    std::shared_ptr<const Config> config;
    std::int64_t first = 0;  ///< epoch of the run
    std::int64_t epochs = 0;
    std::vector<Target> targets;
    std::map<std::size_t, std::unique_ptr<Mask>> effect_masks{};  ///< by number of the entry of postproc

    [[nodiscard]] std::int64_t end() const { return first + epochs; }
};

class Run {
public:
    /// Builds everything: initial picture, operators, models, embeddings. Throws ConfigError or InputError.
    Run(std::shared_ptr<const Config> config, RunSetup setup);

    /// One epoch. Precondition: !done(). Throws ConfigError for an expression that fails. When a loss, a gradient or a pixel is not
    /// finite, the picture goes back to what it was before the last step; then `on_nan: skip` halves the steps from here on and goes to
    /// the next epoch (a warning tells), `stop` throws Error.
    const StepEvent& step();
    [[nodiscard]] bool done() const { return epoch_ >= epochs_; }
    [[nodiscard]] std::int64_t epoch() const { return epoch_; }  ///< the next one
    [[nodiscard]] std::int64_t epochs() const { return epochs_; }
    [[nodiscard]] std::uint64_t seed() const { return seed_; }
    [[nodiscard]] StartedEvent started() const;
    [[nodiscard]] const StepEvent& last() const { return last_; }
    /// The picture now (with `ema` the average), or the best one where `keep_best` keeps it and `best` asks for it; clamped to 0..1,
    /// copied to the CPU.
    [[nodiscard]] std::shared_ptr<const Planes> picture(bool best = false) const;
    /// The largest width and the largest height that the picture has during the whole run, or now.
    [[nodiscard]] std::array<std::int64_t, 2> largest_resolution() const;
    /// The configuration with all defaults, the drawn seed and the model that was really used.
    [[nodiscard]] Node resolved() const;
    /// That of the present stage.
    [[nodiscard]] const Config& config() const { return *config_; }
    /// What a checkpoint holds; copies on the CPU.
    [[nodiscard]] RunState save_state() const;
    /// Go on from a saved state. The same configuration and models give the same bytes as a run that was never stopped. With a changed
    /// configuration the picture is taken over, and the optimiser's state where it fits. Returns notes for the user.
    [[nodiscard]] std::vector<std::string> load_state(const RunState& state);
    /// Sentences about skipped steps since the last call.
    [[nodiscard]] std::vector<std::string> take_warnings() { return std::exchange(warnings_, {}); }
    /// Batches of views as the models would see them, for `clipig preview`: [count,3,H,W] of each target in this epoch.
    [[nodiscard]] std::vector<std::pair<std::string, Tensor>> preview(std::int64_t epoch, std::int64_t count);

private:
    [[nodiscard]] std::vector<Target>& targets() { return stages_[stage_].targets; }
    [[nodiscard]] const std::vector<Target>& targets() const { return stages_[stage_].targets; }
    void make_stages();
    /// The stage of which this epoch is one; a stage without epochs has none.
    [[nodiscard]] std::size_t stage_of(std::int64_t epoch) const;
    /// Pixels and optimiser of a stage; the pixels are not set.
    void begin_stage(std::size_t stage, const Frame& frame);
    /// Goes on to the stages behind those that are done, with their pixels.
    void follow_stages();
    /// Of an epoch of the present stage.
    [[nodiscard]] Frame frame_at(std::int64_t epoch) const;
    void follow_resolution(const Frame& frame);
    /// Stage, resolution and learnrate of the epoch that comes next.
    [[nodiscard]] Frame enter_epoch();
    void apply_postproc(const Frame& frame);
    /// False when it gives pixels that are not finite.
    [[nodiscard]] bool optimise(const Tensor& image, const Tensor& gradient, double rate);
    /// Gradient and step of one epoch; false when it was skipped.
    bool move_pixels(const Frame& frame);
    [[nodiscard]] PixelState copy_pixels(at::Device device) const;
    /// Where the picture of the parameters is known already.
    [[nodiscard]] PixelState copy_pixels(at::Device device, const Tensor& image) const;
    /// False when the parameters do not fit and only the picture was taken over.
    bool set_pixels(const PixelState& pixels);
    /// False when the state belongs to another optimiser or another size.
    bool set_optimizer_state(const PixelState& pixels);
    void skip_epoch(const std::string& trouble);
    /// evaluate_step() with as many views at a time as the memory allows.
    [[nodiscard]] StepResult evaluate(const Tensor& image, const Frame& frame);

    std::shared_ptr<const Config> whole_;   ///< with all stages
    std::shared_ptr<const Config> config_;  ///< of the present stage
    RunSetup setup_;
    std::uint64_t seed_ = 0;
    std::int64_t epoch_ = 0;
    std::int64_t epochs_ = 0;
    RunModels models_;
    std::vector<Stage> stages_;
    std::size_t stage_ = 0;
    std::unique_ptr<PixelModel> pixels_;
    std::unique_ptr<Optimizer> optimizer_;
    BatchSize batch_;
    StepEvent last_;
    KeptPictures kept_;
    std::optional<PixelState> good_;  ///< before the last step; before one of the last few when the picture is large
    std::int64_t good_epoch_ = 0;     ///< the step that it is from before
    double rate_factor_ = 1;          ///< halved by each skipped step
    std::int64_t skipped_ = 0;        ///< one after the other
    std::vector<std::string> warnings_;
};

}  // namespace clipig
