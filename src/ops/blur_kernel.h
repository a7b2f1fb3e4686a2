// Gaussian blur with reflected or wrapped edges for any size of image and kernel.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ops/fields.h"
#include "ops/tensor.h"

namespace clipig {

/// Parameters that all blurring operators share; sizes and sigmas are {x, y}.
struct BlurSettings {
    Int2 kernel_size{3, 3};
    std::optional<Real2> sigma;
    bool wrap = false;  ///< what is outside is the opposite side, not the reflected picture
};

/// A normalised Gaussian. An even size is raised by one (0 becomes 1). Without sigma: 0.3 ((size-1)/2 - 1) + 0.8, the rule of
/// OpenCV's getGaussianKernel. Sigma is at least 1e-4.
[[nodiscard]] std::vector<double> gaussian_kernel(std::int64_t size, std::optional<double> sigma);

/// [N,C,H,W] float or double -> the same shape, blurred. Differentiable; the same bytes for any number of threads.
[[nodiscard]] Tensor gaussian_blur(const Tensor& images, const BlurSettings& settings);

/// The fields kernel_size and sigma of an operator Op that derives from BlurSettings.
template <class Op>
[[nodiscard]] std::vector<Field<Op>> blur_fields(unsigned groups) {
    std::vector<Field<Op>> fields;
    fields.push_back(
        field_of<Op>("kernel_size", &BlurSettings::kernel_size, "3", "Width and height of the kernel; even sizes are raised by one.")
            .at_least(0)
            .unit("pixels")
            .sees(groups));
    fields.push_back(field_of<Op>("sigma", &BlurSettings::sigma, "null",
                                  "Standard deviation of the Gaussian, horizontal and vertical; made from the kernel size when not given.")
                         .unit("pixels")
                         .sees(groups));
    return fields;
}

/// The field `wrap` of one that may act on a tile.
template <class Op, class Owner = BlurSettings>
[[nodiscard]] Field<Op> blur_wrap_field(bool Owner::*wrap = &BlurSettings::wrap) {
    return field_of<Op>("wrap", wrap, "false",
                        "At the edge the picture goes on with its opposite side, instead of being reflected: for tiles.")
        .named_only();
}

}  // namespace clipig
