#include "towers/picture_views.h"

#include "image/convert.h"
#include "ops/planes.h"

namespace clipig {

Tensor picture_view(const Picture& picture, const ClipModel& model) {
    const PicturePreparation preparation = model.preparation();
    const Picture view = clip_preprocess(picture, static_cast<int>(model.view_size()), preparation.mode, preparation.filter);
    return image_tensor(to_planes(view)).to(model.device());
}

}  // namespace clipig
