#include "ops/blur_kernel.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ops/device_copy.h"
#include "ops/edges.h"

namespace clipig {

std::vector<double> gaussian_kernel(std::int64_t size, std::optional<double> sigma) {
    size += size % 2 == 0 ? 1 : 0;
    const double half = static_cast<double>(size - 1) / 2;
    const double deviation = std::max(sigma.value_or(0.3 * (half - 1) + 0.8), 1e-4);
    std::vector<double> kernel(static_cast<std::size_t>(size));
    for (std::size_t i = 0; i < kernel.size(); ++i) {
        const double x = (static_cast<double>(i) - half) / deviation;
        kernel[i] = std::exp(-0.5 * x * x);
    }
    const double sum = std::accumulate(kernel.begin(), kernel.end(), 0.0);
    for (double& weight : kernel) weight /= sum;
    return kernel;
}

namespace {

/// One line of the blur as a sparse matrix: target i is the sum of weight * source.
struct Tap {
    std::int64_t source;
    double weight;
};
using Taps = std::vector<std::vector<Tap>>;

std::int64_t folded(std::int64_t i, std::int64_t length, bool wrap) { return wrap ? wrapped(i, length) : reflected(i, length); }

/// The taps of each line, ascending in source, each source once; `transposed` for the gradient.
Taps make_taps(const std::vector<double>& kernel, std::int64_t length, bool wrap, bool transposed) {
    Taps taps(static_cast<std::size_t>(length));
    const auto radius = static_cast<std::int64_t>(kernel.size() / 2);
    std::vector<double> dense(static_cast<std::size_t>(length));
    for (std::int64_t i = 0; i < length; ++i) {
        std::vector<std::int64_t> touched;
        for (std::size_t k = 0; k < kernel.size(); ++k) {
            if (kernel[k] == 0) continue;
            const std::int64_t source = folded(i + static_cast<std::int64_t>(k) - radius, length, wrap);
            double& sum = dense[static_cast<std::size_t>(source)];
            if (sum == 0) touched.push_back(source);
            sum += kernel[k];
        }
        if (!transposed) std::sort(touched.begin(), touched.end());
        for (const std::int64_t source : touched) {
            const double weight = std::exchange(dense[static_cast<std::size_t>(source)], 0.0);
            taps[static_cast<std::size_t>(transposed ? source : i)].push_back({transposed ? i : source, weight});
        }
    }
    return taps;
}

/// Rows become weighted sums of rows of the same plane. planes [P,H,W].
template <class T>
void blur_columns(const T* in, T* out, std::int64_t planes, std::int64_t height, std::int64_t width, const Taps& taps) {
    at::parallel_for(0, planes * height, std::max<std::int64_t>(1, 16384 / width), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
            const T* plane = in + row / height * height * width;
            T* __restrict target = out + row * width;
            std::fill_n(target, width, T(0));
            for (const auto& [source, weight] : taps[static_cast<std::size_t>(row % height)]) {
                const T* __restrict line = plane + source * width;
                const T w = static_cast<T>(weight);
                for (std::int64_t x = 0; x < width; ++x) target[x] += w * line[x];
            }
        }
    });
}

/// target[x] = sum over k of kernel[k] * line[x + k], x below count.
template <class T>
void correlate(const T* __restrict line, T* __restrict target, std::int64_t count, const std::vector<T>& kernel) {
    std::fill_n(target, count, T(0));
    for (std::size_t k = 0; k < kernel.size(); ++k) {
        const T w = kernel[k];
        const T* __restrict shifted = line + k;
        for (std::int64_t x = 0; x < count; ++x) target[x] += w * shifted[x];
    }
}

/// Each row is blurred along itself, or with `transposed` receives the gradient of that.
template <class T>
void blur_rows(const T* in, T* out, std::int64_t rows, std::int64_t width, const std::vector<double>& wide_kernel, bool wrap,
               bool transposed) {
    const std::vector<T> kernel(wide_kernel.begin(), wide_kernel.end());
    const auto radius = static_cast<std::int64_t>(kernel.size() / 2);
    const std::int64_t padded = width + 2 * radius;
    std::vector<std::int64_t> fold(static_cast<std::size_t>(padded));
    for (std::int64_t i = 0; i < padded; ++i) fold[static_cast<std::size_t>(i)] = folded(i - radius, width, wrap);
    at::parallel_for(0, rows, std::max<std::int64_t>(1, 16384 / width), [&](std::int64_t begin, std::int64_t end) {
        std::vector<T> line(static_cast<std::size_t>(transposed ? padded + 2 * radius : padded));
        std::vector<T> spread(static_cast<std::size_t>(transposed ? padded : 0));
        for (std::int64_t row = begin; row < end; ++row) {
            const T* source = in + row * width;
            T* target = out + row * width;
            if (!transposed) {
                for (std::size_t i = 0; i < fold.size(); ++i) line[i] = source[fold[i]];
                correlate(line.data(), target, width, kernel);
                continue;
            }
            std::copy_n(source, width, line.begin() + 2 * radius);  // zeros stay on both sides; the kernel is symmetric
            correlate(line.data(), spread.data(), padded, kernel);
            std::fill_n(target, width, T(0));
            for (std::size_t i = 0; i < fold.size(); ++i) target[fold[i]] += spread[i];
        }
    });
}

/// Rows, then columns; the gradient passes them in the other order.
Tensor blur_planes(const Tensor& images, const std::vector<double>& across, const std::vector<double>& down, bool wrap, bool transposed) {
    const Tensor in = images.contiguous();
    Tensor between = at::empty_like(in);
    Tensor out = at::empty_like(in);
    const std::int64_t height = in.size(2);
    const std::int64_t width = in.size(3);
    const std::int64_t planes = in.size(0) * in.size(1);
    const Taps taps = make_taps(down, height, wrap, transposed);
    AT_DISPATCH_FLOATING_TYPES(in.scalar_type(), "gaussian_blur", [&] {
        const auto* source = in.data_ptr<scalar_t>();
        auto* half = between.data_ptr<scalar_t>();
        auto* result = out.data_ptr<scalar_t>();
        if (transposed) {
            blur_columns(source, half, planes, height, width, taps);
            blur_rows(half, result, planes * height, width, across, wrap, true);
        } else {
            blur_rows(source, half, planes * height, width, across, wrap, false);
            blur_columns(half, result, planes, height, width, taps);
        }
    });
    return out;
}

struct BlurFunction : torch::autograd::Function<BlurFunction> {
    static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& images, const std::vector<double>& across,
                          const std::vector<double>& down, bool wrap) {
        context->saved_data["across"] = across;
        context->saved_data["down"] = down;
        context->saved_data["wrap"] = wrap;
        return blur_planes(images, across, down, wrap, false);
    }
    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients) {
        const auto across = context->saved_data["across"].toDoubleVector();
        const auto down = context->saved_data["down"].toDoubleVector();
        return {blur_planes(gradients[0], across, down, context->saved_data["wrap"].toBool(), true), Tensor(), Tensor(), Tensor()};
    }
};

/// One direction by ATen, for devices other than the CPU. `dimension` 2 blurs down, 3 across.
Tensor blur_dimension(const Tensor& images, const std::vector<double>& kernel, std::int64_t dimension, bool wrap) {
    const auto size = static_cast<std::int64_t>(kernel.size());
    const Tensor padded = extended(images, dimension, -(size / 2), images.size(dimension) + size / 2, wrap ? wrapped : reflected);
    const std::int64_t channels = images.size(1);
    const Tensor weights = copy_to_device(at::tensor(kernel, at::kDouble), images.options());
    const Tensor filter = dimension == 2 ? weights.view({1, 1, size, 1}) : weights.view({1, 1, 1, size});
    const at::IntArrayRef one{1};
    const at::IntArrayRef zero{0};
    return at::conv2d(padded, filter.repeat({channels, 1, 1, 1}), {}, /*stride=*/one, /*padding=*/zero, /*dilation=*/one, channels);
}

}  // namespace

Tensor gaussian_blur(const Tensor& images, const BlurSettings& settings) {
    const auto axis = [&](std::size_t i) {
        return gaussian_kernel(settings.kernel_size[i], settings.sigma ? std::optional((*settings.sigma)[i]) : std::nullopt);
    };
    const std::vector<double> across = axis(0);
    const std::vector<double> down = axis(1);
    if (!images.is_cpu()) return blur_dimension(blur_dimension(images, across, 3, settings.wrap), down, 2, settings.wrap);
    return BlurFunction::apply(images, across, down, settings.wrap);
}

}  // namespace clipig
