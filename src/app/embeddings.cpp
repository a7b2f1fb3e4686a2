#include "app/embeddings.h"

#include <iostream>

#include "app/devices.h"
#include "image/convert.h"
#include "image/pillow_resize.h"

namespace clipig {

std::shared_ptr<ClipModel> load_for_command(const std::string& model, const std::string& device) {
    const auto loaded = model_loader(find_device(device), "auto")(model);
    if (!loaded.note.empty()) std::cerr << loaded.note << "\n";
    return loaded.model;
}

Tensor encode_pictures(const ClipModel& model, const std::vector<Picture>& pictures) {
    const at::NoGradGuard no_grad;
    std::vector<Tensor> views;
    for (const Picture& picture : pictures) {
        const Planes planes = to_planes(clip_preprocess(picture, static_cast<int>(model.view_size())));
        views.push_back(at::from_blob(const_cast<float*>(planes.data.data()), {1, 3, planes.height, planes.width}, at::kFloat).clone());
    }
    return model.encode_image(at::cat(views).to(model.device())).to(at::kCPU);
}

}  // namespace clipig
