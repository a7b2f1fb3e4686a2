#include "ops/apply.h"

#include <algorithm>

#include "base/error.h"
#include "ops/colour.h"
#include "ops/device_copy.h"
#include "ops/geometry.h"
#include "ops/sampler.h"

namespace clipig {
namespace {

constexpr std::uint32_t kChanceStreams = 0x80000000u;  // operators are numbered from 0, so these are nobody's

bool none(const std::vector<bool>& acting) {
    return std::none_of(acting.begin(), acting.end(), [](bool acts) { return acts; });
}
bool all(const std::vector<bool>& acting) {
    return std::all_of(acting.begin(), acting.end(), [](bool acts) { return acts; });
}

/// [N,1,1,1] on `like`'s device.
Tensor as_mask(const std::vector<bool>& acting, const Tensor& like) {
    Tensor mask = at::empty({static_cast<std::int64_t>(acting.size()), 1, 1, 1}, at::kBool);
    std::copy(acting.begin(), acting.end(), mask.data_ptr<bool>());
    return copy_to_device(mask, like.options().dtype(at::kBool));
}

Tensor apply_one(const Transform& transform, const Tensor& images, const ViewRandom& random) {
    const std::vector<bool> acting = acting_views(transform.probability, random);
    if (none(acting)) return images;
    const Tensor changed = transform.apply(images, random);
    if (all(acting)) return changed;
    if (changed.size(2) != images.size(2) || changed.size(3) != images.size(3)) {
        throw InputError("p must be 1 for a transform that changes the resolution: views of one target have one size");
    }
    return at::where(as_mask(acting, images), repeat_views(changed, random.views), repeat_views(images, random.views));
}

}  // namespace

std::vector<bool> acting_views(double probability, const ViewRandom& random) {
    std::vector<bool> acting(static_cast<std::size_t>(random.views), probability >= 1);
    if (probability <= 0 || probability >= 1) return acting;
    for (std::int64_t view = 0; view < random.views; ++view) {
        RandomAddress address = random.address(view);
        address.op += kChanceStreams;
        acting[static_cast<std::size_t>(view)] = Random(address).uniform() < probability;
    }
    return acting;
}

Tensor apply_transforms(std::span<const std::unique_ptr<Transform>> transforms, const Tensor& images, const ViewRandom& random,
                        std::int64_t side) {
    Tensor result = images;
    ViewRandom at = random;
    for (std::size_t i = 0; i < transforms.size();) {
        at.op = random.op + static_cast<std::uint32_t>(i);
        if (!transforms[i]) {
            ++i;
            continue;
        }
        if (!dynamic_cast<const GeometricTransform*>(transforms[i].get())) {
            result = apply_one(*transforms[i++], result, at);
            continue;
        }
        ViewGeometry geometry(result.size(3), result.size(2));
        for (; i < transforms.size(); ++i) {
            const auto* geometric = dynamic_cast<const GeometricTransform*>(transforms[i].get());
            if (!geometric && transforms[i]) break;
            at.op = random.op + static_cast<std::uint32_t>(i);
            const std::vector<bool> acting = acting_views(geometric ? geometric->probability : 0, at);
            if (none(acting)) continue;
            const std::size_t first = geometry.stages().size();
            geometric->compose(geometry, at);
            if (!all(acting)) geometry.spare_views(first, acting);
        }
        const bool sized = geometry.width() == side && geometry.height() == side;
        if (side > 0 && i == transforms.size() && !sized && !geometry.stages().empty() && !geometry.jagged())
            geometry.resize("resize", side, side, Interpolation::cubic);
        result = sample_views(result, geometry);
    }
    return result;
}

}  // namespace clipig
