#include "engine/models.h"

#include <algorithm>

#include "ops/clamp_gradient.h"
#include "ops/resample.h"

namespace clipig {

std::size_t RunModels::index_of(const Setting& names, const std::string& name, const ModelLoader& load) {
    const auto known = std::find(asked_.begin(), asked_.end(), name);
    if (known != asked_.end()) return static_cast<std::size_t>(known - asked_.begin());
    try {
        models.push_back(load(name));
    } catch (const ConfigError&) {
        throw;
    } catch (const InputError& error) {
        throw ConfigError(names.complaint(error.what()));
    }
    asked_.push_back(name);
    return models.size() - 1;
}

std::vector<ModelUse> RunModels::use(const Setting& names, const Setting& weights, const ModelLoader& load) {
    Random unused({});
    std::vector<double> shares = weights.null() ? std::vector<double>{1} : weights.reals({}, unused);
    const std::size_t count = names.entries().size();
    if (shares.size() == 1) shares.assign(count, shares[0]);
    double sum = 0;
    for (const double share : shares) sum += share;
    if (shares.size() != count || !(sum > 0)) {
        throw ConfigError(weights.complaint(weights.path() + ": there must be one weight for each of the " + std::to_string(count) +
                                            " models, and not all of them 0"));
    }
    std::vector<ModelUse> uses;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string& name = std::get<std::string>(std::get<Value>(names.entries()[i]).data());
        uses.push_back({index_of(names, name, load), shares[i] / sum});
    }
    return uses;
}

Tensor model_views(const Tensor& views, std::int64_t side) {
    Tensor sized = views;
    if (views.size(2) != side || views.size(3) != side) sized = resize_images(views, side, side, "cubic", true);
    return clamp_gradient(sized, 0, 1);
}

Tensor unit_rows(const Tensor& embeddings) { return embeddings / embeddings.norm(2, {-1}, true).clamp_min(1e-12); }

}  // namespace clipig
