#include "engine/feature.h"

#include <filesystem>

#include "base/files.h"
#include "image/convert.h"
#include "image/pillow_resize.h"
#include "image/read_picture.h"
#include "models/cache.h"

namespace clipig {
namespace {

/// [1,3,S,S] sRGB 0..1 of a picture as the model's own preprocessing prepares it.
Tensor preprocessed(const Picture& picture, const ClipModel& model) {
    const Planes planes = to_planes(clip_preprocess(picture, static_cast<int>(model.view_size())));
    return at::from_blob(const_cast<float*>(planes.data.data()), {1, 3, planes.height, planes.width}, at::kFloat).clone();
}

Tensor encode(const Settings& settings, const ClipModel& model, bool truncate) {
    const at::NoGradGuard no_grad;
    if (!settings["image"].null()) {
        const Tensor views = preprocessed(picture_of(settings["image"]), model);
        return unit_rows(model.encode_image(views.to(model.device()))).squeeze(0);
    }
    try {
        return unit_rows(model.encode_text({settings["text"].text()}, truncate)).squeeze(0);
    } catch (const InputError& error) {
        throw ConfigError(settings["text"].complaint(error.what()));
    }
}

std::string name_of(const Settings& settings) {
    if (settings["image"].null()) return settings["text"].text();
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

std::vector<Feature> make_features(const TargetConfig& target, const std::vector<ModelUse>& uses, const RunModels& models, bool truncate_all) {
    std::vector<Feature> features;
    for (const Settings& settings : target.features) {
        Feature feature;
        feature.settings = &settings;
        feature.name = name_of(settings);
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
