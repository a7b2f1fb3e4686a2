// How much memory a run will take, told before it begins. Nothing of the picture's size is allocated and no weights are read.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "towers/clip_model.h"

namespace clipig {

struct MemoryPlan {
    struct Line {
        std::string what;
        double bytes = 0;
    };
    std::vector<Line> lines;
    std::int64_t width = 0, height = 0;  ///< the largest picture of the run
    std::int64_t batch = 0;              ///< views that go through the models at a time
    void add(const std::string& what, double bytes);
    [[nodiscard]] double total() const;
};

/// The need of a model by its name in the configuration. Throws InputError for one that is not there.
using ModelMeasure = std::function<ModelNeed(const std::string& name)>;

/// Of stages the largest picture and the hungriest views count, and the models of all. Throws ConfigError for expressions that fail.
[[nodiscard]] MemoryPlan plan_memory(const std::shared_ptr<const Config>& config, const ModelMeasure& measure);

}  // namespace clipig
