#include "engine/models.h"

#include <algorithm>

#include "ops/clamp_gradient.h"
#include "ops/resample.h"

namespace clipig {

std::vector<ModelUse> RunModels::use(const Setting& setting, const ModelLoader& load) {
    std::vector<ModelUse> uses;
    for (const auto& entry : setting.entries()) {
        const std::string name = std::get<std::string>(std::get<Value>(entry).data());
        const auto known = std::find(asked_.begin(), asked_.end(), name);
        if (known == asked_.end()) {
            try {
                models.push_back(load(name));
            } catch (const ConfigError&) {
                throw;
            } catch (const InputError& error) {
                throw ConfigError(setting.complaint(error.what()));
            }
            asked_.push_back(name);
            uses.push_back({models.size() - 1, 1});
        } else {
            uses.push_back({static_cast<std::size_t>(known - asked_.begin()), 1});
        }
    }
    for (auto& use : uses) use.weight = 1.0 / static_cast<double>(uses.size());
    return uses;
}

Tensor model_views(const Tensor& views, std::int64_t side) {
    Tensor sized = views;
    if (views.size(2) != side || views.size(3) != side) sized = resize_images(views, side, side, "cubic", true);
    return clamp_gradient(sized, 0, 1);
}

Tensor unit_rows(const Tensor& embeddings) {
    return embeddings / embeddings.norm(2, {-1}, true).clamp_min(1e-12);
}

}  // namespace clipig
