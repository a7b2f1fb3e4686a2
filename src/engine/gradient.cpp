#include "engine/gradient.h"

#include <cmath>

#include "base/text.h"
#include "ops/fixed_sum.h"

namespace clipig {
namespace {

double length_of(const Tensor& gradient) { return std::sqrt(dot_product(gradient, gradient)); }

/// Shrinks to the bound; what is below it stays as it is. `size` is a pass over all pixels: only where there is a bound.
Tensor clipped(const Tensor& gradient, const Setting& bound, const Frame& frame, double (*size)(const Tensor&)) {
    if (bound.null()) return gradient;
    const double most = real_at(bound, frame), found = size(gradient);
    return found > most ? gradient * (most / found) : gradient;
}

}  // namespace

Tensor conditioned(const Tensor& gradient, const Settings* settings, const Frame& frame) {
    if (settings == nullptr) return gradient;
    const at::NoGradGuard no_grad;
    const std::string kind = lower((*settings)["normalize"].text());
    Tensor result = gradient;
    if (kind == "sign") {
        result = gradient.sign();
    } else if (kind != "none") {
        const double rms = root_mean_square(gradient);
        const double size = kind == "norm" ? rms * std::sqrt(static_cast<double>(gradient.numel())) : rms;
        if (size > 0) result = gradient / size;
    }
    result = clipped(result, (*settings)["clip_norm"], frame, length_of);
    return clipped(result, (*settings)["clip_rms"], frame, root_mean_square);
}

}  // namespace clipig
