#include "ops/colour.h"

#include <algorithm>
#include <vector>

#include "ops/device_copy.h"

namespace clipig {

Tensor per_channel(const Real3& colour, const Tensor& like) {
    const Tensor numbers = at::tensor(at::ArrayRef<double>(colour.data(), colour.size()), at::kDouble);
    return copy_to_device(numbers, like.options()).view({1, 3, 1, 1});
}

Tensor grey(const Tensor& images) {
    return images.narrow(1, 0, 1) * 0.2989 + images.narrow(1, 1, 1) * 0.587 + images.narrow(1, 2, 1) * 0.114;
}

Tensor blend(const Tensor& images, const Tensor& other, double factor) { return (images * factor + other * (1 - factor)).clamp(0, 1); }

Tensor plane_mean(const Tensor& images) { return images.contiguous().mean(-1, true).mean(-2, true); }

Tensor view_mean(const Tensor& values) {
    Tensor mean = values.contiguous();
    while (mean.dim() > 1) mean = mean.mean(-1);
    return mean;
}

Tensor repeat_views(const Tensor& images, std::int64_t views) {
    return images.size(0) == views ? images : at::cat(std::vector<Tensor>(static_cast<std::size_t>(views), images));
}

Tensor spread_over(const Tensor& values, const Tensor& images) {
    const auto rows = values.expand({images.size(0), images.size(1), 1, 1}).expand({images.size(0), images.size(1), images.size(2), 1});
    return rows.expand_as(images);
}

Tensor paint_border(const Tensor& images, const Int2& size, const Real3& colour) {
    const std::int64_t height = images.size(2);
    const std::int64_t width = images.size(3);
    Tensor edge = at::ones({1, 1, height, width}, images.options().dtype(at::kBool).requires_grad(false));
    const std::int64_t inner_width = std::max<std::int64_t>(0, width - 2 * std::min(size[0], width));
    const std::int64_t inner_height = std::max<std::int64_t>(0, height - 2 * std::min(size[1], height));
    if (inner_width > 0 && inner_height > 0) {
        edge.narrow(2, size[1], inner_height).narrow(3, size[0], inner_width).fill_(false);
    }
    return at::where(edge, per_channel(colour, images), images);
}

}  // namespace clipig
