// How a run goes from one of its stages to the next.
#include "config/stages.h"
#include "engine/mask.h"
#include "engine/operators.h"
#include "engine/run.h"

namespace clipig {
namespace {

/// Whether two stages hold the pixels (or move them) in the same way, with the same parameters.
bool same_operator(const Config& a, const Config& b, const char* kind) {
    const Node* one = a.resolved.find(kind);
    const Node* other = b.resolved.find(kind);
    return one != nullptr && other != nullptr && same_tree(*one, *other);
}

}  // namespace

void Run::make_stages() {
    std::int64_t first = 0;
    for (const auto& config : stage_configs(whole_)) {
        Stage stage{config, first, config->top["epochs"].integer(), {}, {}};
        std::uint32_t index = 0;
        for (const TargetConfig& target : config->targets) {
            const std::uint32_t number =
                index++;  // a target that is switched off keeps its number, so the others keep their random streams
            if (!target.settings["active"].boolean()) continue;
            stage.targets.push_back(make_target(target, number, config->top, models_, setup_.load));
        }
        for (std::size_t i = 0; i < config->postproc.size(); ++i) {
            if (auto mask = mask_of(config->postproc[i].settings)) stage.effect_masks[i] = std::move(mask);
        }
        first = stage.end();
        stages_.push_back(std::move(stage));
    }
}

std::size_t Run::stage_of(std::int64_t epoch) const {
    std::size_t stage = 0;
    while (stage + 1 < stages_.size() && epoch >= stages_[stage].end()) ++stage;
    return stage;
}

void Run::begin_stage(std::size_t stage, const Frame& frame) {
    stage_ = stage;
    config_ = stages_[stage].config;
    pixels_ = make_operator<PixelModel>(config_->top.operators.find("pixels")->second, frame);
    optimizer_ = make_operator<Optimizer>(config_->top.operators.find("optimizer")->second, frame);
}

void Run::follow_stages() {
    while (stage_ + 1 < stages_.size() && epoch_ >= stages_[stage_].end()) {
        const std::shared_ptr<const Config> before = config_;
        PixelState pixels = copy_pixels(setup_.device);
        begin_stage(stage_ + 1, frame_at(epoch_));
        const bool same_pixels = same_operator(*before, *config_, "pixels");
        if (!same_pixels) {
            pixels.image = pixels.picture();
            pixels.parameters.clear();
        }
        if (set_pixels(pixels) && same_operator(*before, *config_, "optimizer")) set_optimizer_state(pixels);
        kept_.forget_best();  // losses of other targets say nothing
        if (config_->top["ema"].uses() == kNoVariables && config_->top["ema"].real() == 0) kept_.forget_average();
        good_.reset();
        rate_factor_ = 1;
        skipped_ = 0;
    }
}

}  // namespace clipig
