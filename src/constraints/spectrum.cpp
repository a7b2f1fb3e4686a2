#include <algorithm>
#include <cmath>

#include "ops/colour.h"
#include "ops/constraint.h"
#include "ops/device_copy.h"

namespace clipig {
namespace {

struct SpectrumConstraint final : Constraint {
    double slope = -2;

    [[nodiscard]] Tensor value(const Tensor& images, const ViewRandom&) const override {
        const std::int64_t height = images.size(2), width = images.size(3);
        const Tensor weights = regression(height, width);
        if (!weights.defined()) return (images * 0).flatten(1).sum(1);
        const Tensor waves = at::view_as_real(at::fft_rfft2(images, at::IntArrayRef{height, width}, {-2, -1}, "ortho"));
        const Tensor power = waves.square().sum(-1) + 1e-8;
        const Tensor table = copy_to_device(weights, images.options());
        const Tensor found = view_mean(power.log() * table) * static_cast<double>(table.numel());
        return (found - slope).square();
    }

private:
    /// [H,W/2+1] of numbers whose sum of products with log power is the slope of the line through the points (log f, log power),
    /// each octave weighted alike. Undefined for pictures with less than two octaves.
    [[nodiscard]] static Tensor regression(std::int64_t height, std::int64_t width) {
        const std::int64_t columns = width / 2 + 1;
        const double least = 1.5 / static_cast<double>(std::min(height, width));
        std::vector<double> logs, parts;
        double total = 0, mean = 0, spread = 0;
        for (std::int64_t y = 0; y < height; ++y) {
            for (std::int64_t x = 0; x < columns; ++x) {
                const double f = std::hypot(static_cast<double>(std::min(y, height - y)) / static_cast<double>(height),
                                            static_cast<double>(x) / static_cast<double>(width));
                const bool counts = f >= least && f <= .5;
                logs.push_back(counts ? std::log(f) : 0);
                parts.push_back(counts ? 1 / (f * f) : 0);  // there are 2 pi f df points in a ring, and an octave is df / f
                total += parts.back();
                mean += parts.back() * logs.back();
            }
        }
        if (least > .125) return {};
        mean /= total;
        for (std::size_t i = 0; i < logs.size(); ++i) spread += parts[i] * (logs[i] - mean) * (logs[i] - mean);
        for (std::size_t i = 0; i < logs.size(); ++i) parts[i] *= (logs[i] - mean) / spread;
        return at::tensor(parts, at::kDouble).view({1, 1, height, columns});
    }
};

const RegisterConstraint<SpectrumConstraint> registration{
    {
        .kind = "constraint",
        .name = "spectrum",
        .summary = "Holds the slope of the power spectrum.",
        .details = "(slope found - slope)^2, where the slope is that of log power over log frequency, octaves weighted alike. Natural "
                   "pictures have "
                   "about -2, white noise 0; steeper is smoother. Views smaller than 12 pixels cost nothing. `loss` has no meaning here.",
        .example = "spectrum: {slope: -2, weight: .05}",
        .fields = {},
    },
    {
        field("slope", &SpectrumConstraint::slope, "-2", "The slope that is wanted.").sees(kConstraintGroups),
    }};

}  // namespace
}  // namespace clipig
