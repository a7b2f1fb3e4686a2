// How the picture is held while it is optimised: plain pixels, a pyramid, a spectrum, ...
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "ops/registry.h"
#include "ops/tensor.h"

namespace clipig {

/// An image parametrisation. The parameters are float32 tensors that the optimiser changes in place.
class PixelModel {
public:
    virtual ~PixelModel() = default;
    /// Take over an image [1,3,H,W] sRGB: image() then gives it back, exactly or as near as the model can.
    virtual void set_image(const Tensor& image) = 0;
    /// The image [1,3,H,W]; differentiable in the parameters. Values may lie outside of 0..1.
    [[nodiscard]] virtual Tensor image() const = 0;
    /// {width, height} of image(), without computing it where that costs something.
    [[nodiscard]] virtual std::array<std::int64_t, 2> size() const {
        const Tensor pixels = image();
        return {pixels.size(3), pixels.size(2)};
    }
    [[nodiscard]] virtual std::vector<Tensor>& parameters() = 0;
    /// Resample the parameters to another picture size; `interpolation` is nearest, linear or cubic.
    virtual void resize(std::int64_t height, std::int64_t width, const std::string& interpolation) = 0;
    /// Resample a tensor of the optimiser's state that belongs to parameter `index` (and has its old shape) likewise;
    /// called after resize(). `non_negative`: second moments, that must not fall below 0.
    [[nodiscard]] virtual Tensor resize_state(std::size_t index, const Tensor& state, bool non_negative) const = 0;
    /// Whether parameter `index` is a picture [N,C,h,w] of the whole plane, so that what moves the picture moves it and its state, too.
    [[nodiscard]] virtual bool is_picture(std::size_t /*index*/) const { return false; }
    /// What the rate is multiplied by, so that `learnrate: 1` suits this parametrisation under the optimiser of that name.
    [[nodiscard]] virtual double rate_scale(const std::string& /*optimizer*/) const { return 1; }
};

}  // namespace clipig
