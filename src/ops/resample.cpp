#include "ops/resample.h"

#include "ops/geometry.h"
#include "ops/sampler.h"

namespace clipig {

Tensor resize_images(const Tensor& images, std::int64_t height, std::int64_t width, const std::string& interpolation, bool antialias) {
    const auto kind = interpolation_named(interpolation);
    ViewGeometry geometry(images.size(3), images.size(2));
    if (images.size(2) == height && images.size(3) == width) return images;
    const Affine map{static_cast<double>(images.size(3)) / static_cast<double>(width),  0, 0, 0,
                     static_cast<double>(images.size(2)) / static_cast<double>(height), 0};
    geometry.transform("resize", {map}, width, height, Outside::edge, kind, antialias);
    return sample_views(images, geometry);
}

}  // namespace clipig
