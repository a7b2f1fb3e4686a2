#include "app/tensor_io.h"

#include <cstring>

#include "base/error.h"
#include "base/files.h"
#include "image/convert.h"
#include "image/read_picture.h"
#include "image/write_picture.h"
#include "models/tensor_file.h"
#include "ops/planes.h"

namespace clipig {
namespace {

bool is_safetensors(const std::string& path) { return path.ends_with(".safetensors"); }

Tensor stored_image(const std::string& path) {
    const auto file = open_tensors(path);
    const TensorInfo* info = file->find("image");
    if (info == nullptr) throw InputError("'" + path + "' has no tensor named `image`");
    if (info->type != DataType::f32 || info->shape.size() != 3 || info->shape[0] != 3 || info->elements() == 0) {
        throw InputError("the tensor `image` of '" + path + "' must be float32 with shape [3,H,W]");
    }
    Tensor image = at::empty({1, 3, info->shape[1], info->shape[2]}, at::kFloat);
    std::memcpy(image.data_ptr<float>(), info->data.data(), static_cast<std::size_t>(info->elements()) * sizeof(float));
    return image;
}

}  // namespace

Tensor read_image_tensor(const std::string& path) {
    if (is_safetensors(path)) return stored_image(path);
    return image_tensor(to_planes(read_picture(expand_home(path))));
}

void write_image_tensor(const std::string& path, const Tensor& image) {
    if (is_safetensors(path)) {
        write_tensors(path, {{"image", image.squeeze(0)}});
    } else {
        write_picture(path, from_planes(image_planes(image), 8), {});
    }
}

void write_tensors(const std::string& path, const std::vector<std::pair<std::string, Tensor>>& tensors) {
    std::vector<Tensor> kept;
    std::vector<TensorToWrite> list;
    for (const auto& [name, tensor] : tensors) {
        kept.push_back(tensor.detach().to(at::kCPU, at::kFloat).contiguous());
        const auto* bytes = reinterpret_cast<const std::byte*>(kept.back().data_ptr<float>());
        list.push_back(
            {name, DataType::f32, kept.back().sizes().vec(), {bytes, static_cast<std::size_t>(kept.back().numel()) * sizeof(float)}});
    }
    write_safetensors(path, list);
}

}  // namespace clipig
