#include "ops/apply.h"

#include "ops/geometry.h"
#include "ops/sampler.h"

namespace clipig {

Tensor apply_transforms(std::span<const std::unique_ptr<Transform>> transforms, const Tensor& images, const ViewRandom& random) {
    Tensor result = images;
    ViewRandom at = random;
    for (std::size_t i = 0; i < transforms.size();) {
        at.op = random.op + static_cast<std::uint32_t>(i);
        if (!dynamic_cast<const GeometricTransform*>(transforms[i].get())) {
            result = transforms[i++]->apply(result, at);
            continue;
        }
        ViewGeometry geometry(result.size(3), result.size(2));
        for (; i < transforms.size(); ++i) {
            const auto* geometric = dynamic_cast<const GeometricTransform*>(transforms[i].get());
            if (!geometric) break;
            at.op = random.op + static_cast<std::uint32_t>(i);
            geometric->compose(geometry, at);
        }
        result = sample_views(result, geometry);
    }
    return result;
}

}  // namespace clipig
