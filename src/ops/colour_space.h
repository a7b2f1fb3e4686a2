// Colour axes in which natural pictures are less correlated than in red, green and blue.
#pragma once

#include <array>

#include "ops/tensor.h"

namespace clipig {

/// A linear map of colours, applied at each pixel.
class ColourSpace {
public:
    /// decorrelate: z = (luma, red - blue, green - magenta) becomes RGB by the matrix [[.26,.09,.02],[.27,0,-.05],[.27,-.09,.03]],
    /// the square root of the colour covariance of natural pictures (C. Olah et al., "Feature visualization", Distill 2017, and
    /// the program Lucid), divided by the largest norm of its columns. `colors` > 1 divides the luma column before that:
    /// steps of equal size then change colour more and brightness less.
    /// Without decorrelation `colors` only multiplies the differences from grey.
    ColourSpace(bool decorrelate, double colors);

    [[nodiscard]] bool identity() const { return identity_; }
    /// [N,3,H,W] -> [N,3,H,W]: axes to RGB.
    [[nodiscard]] Tensor to_rgb(const Tensor& axes) const;
    /// The inverse.
    [[nodiscard]] Tensor from_rgb(const Tensor& rgb) const;

private:
    using Matrix = std::array<std::array<double, 3>, 3>;
    [[nodiscard]] static Tensor multiply(const Matrix& matrix, const Tensor& planes);

    bool identity_;
    Matrix forward_{}, inverse_{};
};

}  // namespace clipig
