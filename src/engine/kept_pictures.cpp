#include "engine/kept_pictures.h"

#include <algorithm>

#include "ops/resample.h"

namespace clipig {

void KeptPictures::add(const Tensor& picture, double decay) {
    const at::NoGradGuard no_grad;
    const Tensor pixels = picture.detach();
    if (!average.defined()) {
        average = pixels.clone();
    } else {
        if (average.sizes() != pixels.sizes()) average = resize_images(average, pixels.size(2), pixels.size(3), "cubic", true);
        const auto n = static_cast<double>(averaged);
        const double kept = std::min(decay, (1 + n) / (10 + n));
        average = average * kept + pixels * (1 - kept);
    }
    ++averaged;
}

void KeptPictures::judge(const Tensor& picture, double loss) {
    const Tensor pixels = picture.detach();
    if (best.defined() && best.sizes() != pixels.sizes()) forget_best();
    const double share = std::max(.1, 1 / static_cast<double>(smoothed + 1));
    smooth_loss = smoothed == 0 ? loss : (1 - share) * smooth_loss + share * loss;
    ++smoothed;
    if (best.defined() && smooth_loss > best_loss) return;
    best_loss = smooth_loss;
    best = pixels.clone();
}

void KeptPictures::forget_average() {
    average.reset();
    averaged = 0;
}

void KeptPictures::forget_best() {
    best.reset();
    smoothed = 0;
}

}  // namespace clipig
