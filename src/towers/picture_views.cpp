#include "towers/picture_views.h"

#include "image/convert.h"

namespace clipig {

Tensor picture_view(const Picture& picture, const ClipModel& model) {
    const PicturePreparation preparation = model.preparation();
    const Planes planes = to_planes(clip_preprocess(picture, static_cast<int>(model.view_size()), preparation.mode, preparation.filter));
    auto* data = const_cast<float*>(planes.data.data());  // only read, and copied before `planes` ends
    return at::from_blob(data, {1, 3, planes.height, planes.width}, at::kFloat).clone().to(model.device());
}

}  // namespace clipig
