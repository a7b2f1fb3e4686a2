#include "ops/transform.h"

#include "ops/device_copy.h"

namespace clipig {

Tensor ViewRandom::normal(std::int64_t channels, std::int64_t height, std::int64_t width, const Tensor& like) const {
    Tensor noise = at::empty({views, channels, height, width}, at::TensorOptions().dtype(at::kFloat).device(at::kCPU));
    const std::int64_t count = channels * height * width;
    for (std::int64_t view = 0; view < views; ++view) {
        fill_normal(address(view), noise.data_ptr<float>() + view * count, static_cast<std::size_t>(count));
    }
    return copy_to_device(noise, like.options());
}

}  // namespace clipig
