#include "ops/resample.h"

#include "ops/geometry.h"
#include "ops/sampler.h"

namespace clipig {

Tensor resize_images(const Tensor& images, std::int64_t height, std::int64_t width, const std::string& interpolation, bool antialias) {
    const auto kind = interpolation_named(interpolation);
    ViewGeometry geometry(images.size(3), images.size(2));
    if (images.size(2) == height && images.size(3) == width) return images;
    geometry.resize("resize", width, height, kind, antialias);
    return sample_views(images, geometry);
}

}  // namespace clipig
