// What tests of the engine share: configurations from YAML, the bundled model, and everything that one step needs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/run.h"
#include "engine/step.h"
#include "models/catalogue.h"
#include "ops/full_schema.h"

namespace clipig::test {

inline std::shared_ptr<const Config> config_of(const std::string& yaml) {
    const auto source = std::make_shared<const SourceText>(SourceText{"test.yaml", yaml});
    return std::make_shared<const Config>(validate(parse_yaml(source), std::make_shared<const Schema>(full_schema())));
}

/// The model mini, whatever name it is asked for, in full precision. Loaded once.
inline LoadedModel load_mini(const std::string&) {
    ModelOptions options;
    options.precision = "fp32";
    static const auto model = load_clip(std::string(CLIPIG_SOURCE_DIR) + "/models/mini", "mini", options);
    return {model, "mini", ""};
}

/// The first target's features, with the given unit vectors for embeddings.
inline std::vector<Feature> features_of(const Config& config, const std::vector<std::vector<float>>& vectors) {
    std::vector<Feature> features;
    for (std::size_t i = 0; i < vectors.size(); ++i) {
        Feature feature;
        feature.settings = &config.targets[0].features[i];
        const Settings& loss = feature.settings->operators.find("loss")->second;
        Random unused({});
        feature.loss = Registry<Loss>::instance().find(loss.spec->name)->make(loss, {}, unused);
        feature.embeddings.push_back(at::tensor(vectors[i]));
        features.push_back(std::move(feature));
    }
    return features;
}

/// Everything that evaluate_step() needs, for the first of eleven epochs of an experiment on a noisy grey picture of 40 x 32.
struct Scene {
    explicit Scene(const std::string& yaml) : config(config_of(yaml)) {
        frame.seed = 5;
        frame.variables.epochs = 11;
        frame.variables.resolution = {40, 32};
        for (std::uint32_t i = 0; i < config->targets.size(); ++i)
            targets.push_back(make_target(config->targets[i], i, config->top, models, load_mini));
        image = at::empty({1, 3, 32, 40});
        fill_normal({5, 0, kInitStream, 0, 0}, image.data_ptr<float>(), static_cast<std::size_t>(image.numel()));
        image = image * .1 + .5;
    }
    /// With at most `batch` views at a time.
    StepResult evaluate(const Tensor& picture, std::int64_t batch = 64) {
        return evaluate_step(targets, models, picture, frame, [batch](const auto&) { return batch; });
    }
    StepResult evaluate(std::int64_t batch = 64) { return evaluate(image, batch); }

    std::shared_ptr<const Config> config;
    RunModels models;
    std::vector<Target> targets;
    Frame frame;
    Tensor image;
};

}  // namespace clipig::test
