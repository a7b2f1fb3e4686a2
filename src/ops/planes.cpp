#include "ops/planes.h"

namespace clipig {

Tensor image_tensor(const Planes& planes) {
    auto* data = const_cast<float*>(planes.data.data());  // only read, and copied before `planes` ends
    return at::from_blob(data, {1, 3, planes.height, planes.width}, at::kFloat).clone();
}

Planes image_planes(const Tensor& image) {
    const Tensor data = image.detach().to(at::kCPU, at::kFloat).contiguous();
    Planes planes;
    planes.height = static_cast<int>(data.size(-2));
    planes.width = static_cast<int>(data.size(-1));
    planes.data.assign(data.data_ptr<float>(), data.data_ptr<float>() + data.numel());
    return planes;
}

}  // namespace clipig
