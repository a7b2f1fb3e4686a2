#include "engine/event_json.h"

namespace clipig {
namespace {

using nlohmann::json;

json target_json(const TargetStats& target) {
    json features = json::array();
    for (const FeatureStats& feature : target.features) {
        features.push_back({{"name", feature.name},
                            {"similarity", feature.similarity},
                            {"weight", feature.weight},
                            {"active", feature.active},
                            {"chosen", feature.chosen}});
    }
    json constraints = json::array();
    for (const ConstraintStats& constraint : target.constraints) {
        constraints.push_back({{"name", constraint.name}, {"value", constraint.value}, {"weight", constraint.weight}});
    }
    return {{"name", target.name},     {"views", target.views}, {"loss", target.loss},
            {"weight", target.weight}, {"features", features},  {"constraints", constraints}};
}

json targets_json(const std::vector<TargetStats>& targets) {
    json list = json::array();
    for (const TargetStats& target : targets) list.push_back(target_json(target));
    return list;
}

/// A number that was not finite is null; it stays at its default.
template <class T>
void read(const json& object, const char* name, T& value) {
    const auto found = object.find(name);
    if (found != object.end() && !found->is_null()) value = found->get<T>();
}

TargetStats target_from_json(const json& object) {
    TargetStats target;
    read(object, "name", target.name);
    read(object, "views", target.views);
    read(object, "loss", target.loss);
    read(object, "weight", target.weight);
    for (const json& item : object.value("features", json::array())) {
        FeatureStats feature;
        read(item, "name", feature.name);
        read(item, "similarity", feature.similarity);
        read(item, "weight", feature.weight);
        read(item, "active", feature.active);
        read(item, "chosen", feature.chosen);
        target.features.push_back(std::move(feature));
    }
    for (const json& item : object.value("constraints", json::array())) {
        ConstraintStats constraint;
        read(item, "name", constraint.name);
        read(item, "value", constraint.value);
        read(item, "weight", constraint.weight);
        target.constraints.push_back(std::move(constraint));
    }
    return target;
}

}  // namespace

const char* name_of(PictureReason reason) {
    switch (reason) {
        case PictureReason::snapshot: return "snapshot";
        case PictureReason::finished: return "finished";
        case PictureReason::interrupted: return "interrupted";
        case PictureReason::failed: return "failed";
    }
    return "snapshot";
}

json to_json(const StartedEvent& event) {
    json models = json::array();
    for (const ModelFact& model : event.models) models.push_back({{"name", model.name}, {"sha256", model.hash}});
    return {{"event", "started"},
            {"model", event.model},
            {"models", models},
            {"seed", event.seed},
            {"first_epoch", event.first_epoch},
            {"epochs", event.epochs},
            {"width", event.width},
            {"height", event.height},
            {"notes", event.notes}};
}

json to_json(const StepEvent& event) {
    return {{"event", "step"},
            {"epoch", event.epoch},
            {"epochs", event.epochs},
            {"skipped", event.skipped},
            {"loss", event.loss},
            {"learnrate", event.learnrate},
            {"width", event.width},
            {"height", event.height},
            {"views", event.views},
            {"step_seconds", event.step_seconds},
            {"elapsed_seconds", event.elapsed_seconds},
            {"targets", targets_json(event.targets)}};
}

json to_json(const PictureEvent& event, const std::string& path) {
    return {{"event", "picture"},
            {"reason", name_of(event.reason)},
            {"path", path},
            {"epochs_done", event.epochs_done},
            {"elapsed_seconds", event.elapsed_seconds}};
}

json to_json(const WarningEvent& event) { return {{"event", "warning"}, {"text", event.text}}; }

StepEvent step_from_json(const json& object) {
    StepEvent event;
    read(object, "epoch", event.epoch);
    read(object, "epochs", event.epochs);
    read(object, "skipped", event.skipped);
    read(object, "loss", event.loss);
    read(object, "learnrate", event.learnrate);
    read(object, "width", event.width);
    read(object, "height", event.height);
    read(object, "views", event.views);
    read(object, "step_seconds", event.step_seconds);
    read(object, "elapsed_seconds", event.elapsed_seconds);
    for (const json& target : object.value("targets", json::array())) event.targets.push_back(target_from_json(target));
    return event;
}

}  // namespace clipig
