#include "engine/mask.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

#include "engine/feature.h"
#include "image/convert.h"
#include "ops/blur_kernel.h"
#include "ops/colour.h"
#include "ops/device_copy.h"
#include "ops/planes.h"
#include "ops/resample.h"

namespace clipig {
namespace {

constexpr std::int64_t kFinest = 512;  // points along the longer side: an expression takes about a microsecond for each

Tensor resized(const Tensor& mask, std::int64_t height, std::int64_t width) {
    if (mask.size(2) == height && mask.size(3) == width) return mask;
    return resize_images(mask.expand({1, 3, -1, -1}).contiguous(), height, width, "linear", true).narrow(1, 0, 1);
}

Tensor feathered(const Tensor& mask, double feather) {
    const auto shorter = static_cast<double>(std::min(mask.size(2), mask.size(3)));
    const double sigma = feather < 1 ? feather * shorter : feather;
    if (sigma <= 0) return mask;
    const auto size = 2 * static_cast<std::int64_t>(std::ceil(3 * std::min(sigma, shorter))) + 1;
    return gaussian_blur(mask.contiguous(), {{size, size}, Real2{sigma, sigma}, false});
}

}  // namespace

Mask::Mask(const Settings& settings) : settings_(&settings) {
    for (const char* name : {"shape", "feather"}) {
        changes_ = changes_ || (settings[name].uses() & kTime) != 0 || settings[name].uses_random();
    }
    if (!settings["picture"].null()) picture_ = grey(image_tensor(to_planes(picture_of(settings["picture"]))));
}

const Tensor& Mask::over(const Frame& frame, std::int64_t height, std::int64_t width, at::Device device) {
    const bool fits = kept_.defined() && kept_.size(2) == height && kept_.size(3) == width && kept_.device() == device;
    if (!fits || (changes_ && kept_epoch_ != frame.variables.epoch)) {
        const at::NoGradGuard no_grad;
        kept_epoch_ = frame.variables.epoch;
        kept_ = copy_to_device(draw(frame, height, width), at::TensorOptions(device).dtype(at::kFloat));
    }
    return kept_;
}

Tensor Mask::draw(const Frame& frame, std::int64_t height, std::int64_t width) const {
    const Settings& settings = *settings_;
    Tensor mask = resized(picture_.defined() ? picture_ : shape(frame, height, width), height, width).clamp(0, 1);
    if (settings["invert"].boolean()) mask = 1 - mask;
    return feathered(mask, real_at(settings["feather"], frame)).clamp(0, 1).contiguous();
}

Tensor Mask::shape(const Frame& frame, std::int64_t height, std::int64_t width) const {
    const double shrink = std::min(1.0, static_cast<double>(kFinest) / static_cast<double>(std::max(height, width)));
    const auto points = [shrink](std::int64_t size) { return std::max<std::int64_t>(1, std::llround(static_cast<double>(size) * shrink)); };
    const std::int64_t rows = points(height), columns = points(width);
    const Setting& setting = (*settings_)["shape"];
    Tensor mask = at::empty({1, 1, rows, columns}, at::kFloat);
    float* const data = mask.data_ptr<float>();
    at::parallel_for(0, rows, 8, [&](std::int64_t begin, std::int64_t end) {
        Variables variables = frame.variables;
        for (std::int64_t row = begin; row < end; ++row) {
            Random stream = frame.expression_stream(setting.path(), static_cast<std::uint32_t>(row));
            variables.y = (static_cast<double>(row) + .5) / static_cast<double>(rows);
            for (std::int64_t column = 0; column < columns; ++column) {
                variables.x = (static_cast<double>(column) + .5) / static_cast<double>(columns);
                data[row * columns + column] = static_cast<float>(setting.reals(variables, stream)[0]);
            }
        }
    });
    return mask;
}

std::unique_ptr<Mask> mask_of(const Settings& settings) {
    const Settings* mask = settings.section("mask");
    return mask ? std::make_unique<Mask>(*mask) : nullptr;
}

}  // namespace clipig
