#include "card.h"

#include <fmt/format.h>

#include <map>

#include "base/error.h"

namespace clipig::mini {
namespace {

std::string tower_text(const Settings& s) {
    if (s.tower == "vit") {
        return fmt::format("ViT, {0}x{0} views in patches of {1}, width {2}, {3} layers", s.side, s.patch, s.width, s.layers);
    }
    return fmt::format("ModifiedResNet, {0}x{0} views, layers {1}-{2}-{3}-{4}, width {5}, attention pooling", s.side, s.stages[0],
                       s.stages[1], s.stages[2], s.stages[3], s.width);
}

std::string attack_text(const Settings& settings, const Progress& progress) {
    if (progress.attack <= 0) return "There were no attacks.";
    return fmt::format(
        "Each batch was trained on twice, as drawn and after one L2 step up the loss (of a half to all of a length that grew "
        "to {:.2f} of {:.2f} for a 64 px view, while more than {:.0f} % of the pictures of a batch found their captions), so "
        "that gradients with respect to pixels look like things and not like noise.",
        progress.attack, settings.attack, 100 * settings.attack_gate);
}

}  // namespace

std::string model_card(const std::string& card_template, const Settings& s, Trainer& trainer, const std::string& figures) {
    const Progress& progress = trainer.progress();
    std::int64_t numbers = trainer.model().statistics().numel();
    for (const Model::Parameter& p : trainer.model().parameters()) numbers += p.name == "proxies" ? 0 : p.values.numel();
    const std::map<std::string, std::string> values{
        {"megabytes", fmt::format("{:.1f}", static_cast<double>(2 * numbers) / 1e6)},
        {"millions", fmt::format("{:.1f}", static_cast<double>(numbers) / 1e6)},
        {"tower", tower_text(s)},
        {"text", fmt::format("transformer, width {}, {} heads, {} layers, context {}; QuickGELU", s.text_width, s.text_width / 64,
                             s.text_layers, s.context)},
        {"embedding", std::to_string(s.embedding)},
        {"vocabulary", std::to_string(trainer.source().tokenizer().vocabulary_size())},
        {"emoji", std::to_string(trainer.source().world().emoji_count())},
        {"updates", std::to_string(progress.step)},
        {"planned", std::to_string(s.steps)},
        {"batch", std::to_string(s.batch)},
        {"pictures", std::to_string(static_cast<std::int64_t>(progress.batch) * s.batch)},
        {"seed", std::to_string(s.seed)},
        {"attack", attack_text(s, progress)},
        {"figures", figures.empty() ? "None were measured for these weights." : figures}};
    std::string text;
    for (std::size_t at = 0; at < card_template.size();) {
        const std::size_t open = std::min(card_template.find('{', at), card_template.size());
        text += card_template.substr(at, open - at);
        if (open == card_template.size()) break;
        const std::size_t close = card_template.find('}', open);
        const std::string key = close == std::string::npos ? "" : card_template.substr(open + 1, close - open - 1);
        const auto found = values.find(key);
        if (found == values.end()) throw InputError(fmt::format("the template of the model card has an unknown place `{{{}}}`", key));
        text += found->second;
        at = close + 1;
    }
    return text;
}

}  // namespace clipig::mini
