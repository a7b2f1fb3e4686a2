#include "settings.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <functional>
#include <map>

#include "base/error.h"
#include "towers/random_model.h"

namespace clipig::mini {
namespace {

using Take = std::function<void(const YAML::Node&)>;

template <class T>
Take into(T& value) {
    return [&value](const YAML::Node& node) { value = node.as<T>(); };
}

std::map<std::string, Take> keys_of(Settings& s) {
    return {{"seed", into(s.seed)},
            {"tower", into(s.tower)},
            {"stages", into(s.stages)},
            {"width", into(s.width)},
            {"layers", into(s.layers)},
            {"patch", into(s.patch)},
            {"side", into(s.side)},
            {"embedding", into(s.embedding)},
            {"text_width", into(s.text_width)},
            {"text_layers", into(s.text_layers)},
            {"context", into(s.context)},
            {"merges", into(s.merges)},
            {"emoji", into(s.emoji)},
            {"font", into(s.font)},
            {"annotations", into(s.annotations)},
            {"clutter", into(s.clutter)},
            {"batch", into(s.batch)},
            {"steps", into(s.steps)},
            {"warm_up", into(s.warm_up)},
            {"learning_rate", into(s.learning_rate)},
            {"final_rate", into(s.final_rate)},
            {"weight_decay", into(s.weight_decay)},
            {"clip", into(s.clip)},
            {"average", into(s.average)},
            {"proxies", into(s.proxies)},
            {"device", into(s.device)},
            {"bf16", into(s.bf16)},
            {"attack", into(s.attack)},
            {"attack_gate", into(s.attack_gate)},
            {"attack_ramp", into(s.attack_ramp)},
            {"checkpoint_minutes", into(s.checkpoint_minutes)}};
}

void check(const Settings& s, const std::string& file) {
    const auto demand = [&](bool good, const char* what) {
        if (!good) throw InputError(fmt::format("{}: {}", file, what));
    };
    demand(s.tower == "resnet" || s.tower == "vit", "tower: must be resnet or vit");
    demand(s.side % (s.tower == "vit" ? s.patch : 32) == 0, "side: must be a multiple of the patch (resnet: of 32)");
    demand(s.width % (s.tower == "vit" ? 64 : 2) == 0 && s.text_width % 64 == 0, "width, text_width: heads are 64 wide");
    demand(s.batch >= 2 && s.steps > s.warm_up && s.warm_up >= 1, "batch must be 2 or more, steps more than warm_up");
    demand(s.attack >= 0 && s.attack_ramp >= 1, "attack must be 0 or more, attack_ramp 1 or more");
}

}  // namespace

Settings read_settings(const std::filesystem::path& path) {
    Settings settings;
    const auto keys = keys_of(settings);
    try {
        const YAML::Node root = YAML::LoadFile(path.string());
        for (const auto& entry : root) {
            const auto key = entry.first.as<std::string>();
            const auto found = keys.find(key);
            if (found == keys.end())
                throw InputError(fmt::format("{}:{}: there is no setting `{}`", path.string(), entry.first.Mark().line + 1, key));
            found->second(entry.second);
        }
    } catch (const YAML::Exception& problem) {
        throw InputError(fmt::format("{}: {}", path.string(), problem.what()));
    }
    check(settings, path.string());
    return settings;
}

Architecture architecture_of(const Settings& s, std::int64_t vocabulary) {
    Architecture net = s.tower == "vit" ? vit_architecture(s.width, s.layers, s.patch, s.side, s.embedding)
                                        : resnet_architecture(s.stages, s.width, s.side, s.embedding);
    net.text = {.width = s.text_width, .layers = s.text_layers, .heads = s.text_width / 64, .hidden = 4 * s.text_width};
    net.context = s.context;
    net.vocabulary = vocabulary;
    return net;
}

}  // namespace clipig::mini
