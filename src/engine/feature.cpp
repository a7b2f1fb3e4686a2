#include "engine/feature.h"

#include <filesystem>

#include "base/files.h"
#include "base/text.h"
#include "config/sections.h"
#include "image/read_picture.h"
#include "models/cache.h"
#include "towers/picture_views.h"

namespace clipig {
namespace {

std::vector<std::string> texts_of(const Setting& setting) {
    std::vector<std::string> texts;
    for (const Setting::Entry& entry : setting.entries()) texts.push_back(std::get<std::string>(std::get<Value>(entry).data()));
    return texts;
}

/// [N,E] of any lengths -> [E], the direction of the mean of the directions.
Tensor mean_direction(const Tensor& embeddings) { return unit_rows(unit_rows(embeddings).mean(0, true)).squeeze(0); }

Tensor encode_texts(const Settings& settings, const ClipModel& model, bool truncate) {
    const std::vector<std::string> texts = texts_of(settings["text"]);
    try {
        if (!settings["chunk"].boolean()) return mean_direction(model.encode_text(texts, truncate));
        std::vector<Tensor> means;
        for (const std::string& text : texts) means.push_back(mean_direction(model.encode_long_text(text)));
        return mean_direction(at::stack(means));
    } catch (const InputError& error) {
        throw ConfigError(settings["text"].complaint(error.what()));
    }
}

Tensor encode(const Settings& settings, const ClipModel& model, bool truncate) {
    const at::NoGradGuard no_grad;
    if (settings["image"].null()) return encode_texts(settings, model, truncate);
    return unit_rows(model.encode_image(picture_view(picture_of(settings["image"]), model))).squeeze(0);
}

std::string name_of(const Settings& settings) {
    if (settings["image"].null()) return join(texts_of(settings["text"]), " + ");
    return std::filesystem::path(settings["image"].text()).filename().string();
}

}  // namespace

Picture picture_of(const Setting& setting) {
    try {
        const std::string& source = setting.text();
        return read_picture(is_url(source) ? fetch_picture(source) : expand_home(source));
    } catch (const InputError& error) {
        throw ConfigError(setting.complaint(error.what()));
    }
}

std::vector<Feature> make_features(const TargetConfig& target, const std::vector<ModelUse>& uses, const RunModels& models,
                                   bool truncate_all) {
    std::vector<Feature> features;
    for (const Settings& settings : target.features) {
        Feature feature;
        feature.settings = &settings;
        feature.name = name_of(settings);
        feature.guard = settings.path.ends_with(kNoTextPath);
        const Settings& loss = settings.operators.find("loss")->second;
        Random unused({});
        feature.loss = Registry<Loss>::instance().find(loss.spec->name)->make(loss, {}, unused);
        const bool truncate = truncate_all || settings["truncate"].boolean();
        for (const ModelUse& use : uses) feature.embeddings.push_back(encode(settings, *models.models[use.model].model, truncate));
        features.push_back(std::move(feature));
    }
    return features;
}

}  // namespace clipig
