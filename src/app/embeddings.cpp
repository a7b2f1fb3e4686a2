#include "app/embeddings.h"

#include <iostream>

#include "app/devices.h"
#include "towers/picture_views.h"

namespace clipig {

std::shared_ptr<ClipModel> load_for_command(const std::string& model, const std::string& device) {
    const auto loaded = model_loader(find_device(device), "auto")(model);
    if (!loaded.note.empty()) std::cerr << loaded.note << "\n";
    return loaded.model;
}

Tensor encode_pictures(const ClipModel& model, const std::vector<Picture>& pictures) {
    const at::NoGradGuard no_grad;
    std::vector<Tensor> views;
    for (const Picture& picture : pictures) views.push_back(picture_view(picture, model));
    return model.encode_image(at::cat(views)).to(at::kCPU);
}

}  // namespace clipig
