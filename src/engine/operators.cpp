#include "engine/operators.h"

namespace clipig {

Transforms make_transforms(const std::vector<Settings>& list, const Frame& frame) {
    Transforms transforms;
    for (const Settings& settings : list) {
        const bool acts = in_schedule(settings, frame.variables.epoch, frame.variables.epochs);
        transforms.push_back(acts ? make_operator<Transform>(settings, frame) : nullptr);
    }
    return transforms;
}

}  // namespace clipig
