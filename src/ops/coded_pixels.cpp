#include "ops/coded_pixels.h"

#include "ops/resample.h"

namespace clipig {

/// Codes of colours that are mapped or bounded by an odd function are 0 at middle grey.
double CodedPixels::centre() const {
    const Range kind = range_named(range);
    const bool linear = kind == Range::none || kind == Range::clamp;
    return linear && !ColourSpace(decorrelate, colors).identity() ? .5 : 0;
}

void CodedPixels::set_image(const Tensor& image) {
    const at::NoGradGuard no_grad;
    height_ = image.size(2);
    width_ = image.size(3);
    const Tensor bounded = out_of_range(image.detach(), range_named(range));
    const double middle = centre();
    set_code(ColourSpace(decorrelate, colors).from_rgb(middle == 0 ? bounded : bounded - middle));
}

Tensor CodedPixels::image() const {
    const Tensor rgb = ColourSpace(decorrelate, colors).to_rgb(code());
    const double middle = centre();
    return into_range(middle == 0 ? rgb : rgb + middle, range_named(range));
}

void CodedPixels::resize(std::int64_t height, std::int64_t width, const std::string& interpolation) {
    const at::NoGradGuard no_grad;
    set_image(resize_images(image(), height, width, interpolation, true));
}

Tensor CodedPixels::resize_state(std::size_t index, const Tensor& state, bool non_negative) const {
    if (index >= parameters_.size()) return state;
    const auto options = parameters_[index].options().requires_grad(false);
    const auto shape = parameters_[index].sizes();
    if (!non_negative || state.numel() == 0) return at::zeros(shape, options);
    // a running sum: a plain one is split among threads, and its bytes depend on their number
    const Tensor sums = state.detach().to(at::kCPU, at::kDouble).contiguous().view({-1}).cumsum(0);
    return at::full(shape, sums[-1].item<double>() / static_cast<double>(state.numel()), options);
}

Tensor CodedPixels::resampled_state(std::size_t index, const Tensor& state, bool non_negative) const {
    if (index >= parameters_.size()) return state;
    const auto& parameter = parameters_[index];
    Tensor resized = resize_images(state, parameter.size(2), parameter.size(3), "linear", true);
    if (non_negative) resized = resized.clamp_min(0);
    return resized.contiguous();
}

double CodedPixels::rate_scale(const std::string& optimizer) const { return code_rate(optimizer) * range_rate(range_named(range)); }

void CodedPixels::keep(std::vector<Tensor> parameters) {
    parameters_.clear();
    for (const Tensor& parameter : parameters) {
        parameters_.push_back(parameter.detach().clone(at::MemoryFormat::Contiguous).set_requires_grad(true));
    }
}

}  // namespace clipig
