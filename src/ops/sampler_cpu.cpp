// The sampler on the CPU. Separable views (everything but turns) are filtered rows first, columns second; the others pixel by pixel.
#include <ATen/Parallel.h>

#include <algorithm>
#include <array>

#include "ops/pixel_taps.h"
#include "ops/sampler.h"
#include "ops/separable_view.h"

namespace clipig::detail {
namespace {

using std::int32_t;
using std::int64_t;
using std::size_t;

/// Working memory of one thread.
template <class T>
struct Scratch {
    std::vector<T> compact;  ///< kLanes rows of touched columns
    std::vector<T> lanes;    ///< the same by column
    std::vector<T> out;      ///< output by column
    PixelTaps<T> taps;       ///< of one row of a view that is not separable
    Taps tx, ty;

    void grow(const SeparableView<T>& view) {
        const size_t columns = static_cast<size_t>(view.compact * kLanes), outputs = static_cast<size_t>(view.columns.size() * kLanes);
        if (compact.size() < columns) compact.resize(columns);
        if (lanes.size() < columns) lanes.resize(columns);
        if (out.size() < outputs) out.resize(outputs);
    }
};

/// The row filter at output row y, for the touched columns.
template <class T>
void filter_rows(const SeparableView<T>& view, const T* plane, int64_t stride, int64_t y, T* compact_row) {
    std::fill_n(compact_row, view.compact, T(0));
    const auto& rows = view.rows;
    for (auto t = static_cast<size_t>(rows.start[static_cast<size_t>(y)]); t < static_cast<size_t>(rows.start[static_cast<size_t>(y) + 1]);
         ++t) {
        for (const auto& s : view.segments)
            axpy(rows.weight[t], plane + rows.index[t] * stride + s.start, compact_row + s.offset, s.length);
    }
}

/// Up to kLanes output rows of one channel.
template <class T>
void forward_rows(const SeparableView<T>& view, const T* plane, int64_t stride, int64_t y, int64_t count, Scratch<T>& scratch, T* out) {
    const auto& columns = view.columns;
    for (int64_t row = 0; row < count; ++row) filter_rows(view, plane, stride, y + row, scratch.compact.data() + row * view.compact);
    to_lanes(scratch.compact.data(), view.compact, count, view.compact, scratch.lanes.data());
    for (int64_t x = 0; x < columns.size(); ++x) {
        T sum[kLanes] = {};
        const int32_t end = columns.start[static_cast<size_t>(x) + 1];
        for (int32_t t = columns.start[static_cast<size_t>(x)]; t < end; ++t) {
            add_lanes(columns.weight[static_cast<size_t>(t)], scratch.lanes.data() + columns.index[static_cast<size_t>(t)] * kLanes, sum);
        }
        std::copy_n(sum, kLanes, scratch.out.data() + x * kLanes);
    }
    from_lanes(scratch.out.data(), count, columns.size(), out, columns.size());
}

/// The colour of one output pixel; `plane` is the stride between channels.
template <class T>
std::array<T, 3> gather(const PixelTaps<T>& taps, const typename PixelTaps<T>::Pixel& pixel, const T* canvas, int64_t stride,
                        int64_t plane) {
    const int32_t *columns = taps.index.data() + pixel.first, *rows = columns + pixel.columns;
    const T *weights = taps.weight.data() + pixel.first, *row_weights = weights + pixel.columns;
    std::array<T, 3> colour{};
    if (!pixel.run) {
        for (int32_t j = 0; j < pixel.rows; ++j) {
            for (int32_t i = 0; i < pixel.columns; ++i) {
                const T* from = canvas + rows[j] * stride + columns[i];
                for (size_t c = 0; c < 3; ++c) colour[c] += row_weights[j] * weights[i] * from[static_cast<int64_t>(c) * plane];
            }
        }
        return colour;
    }
    typename Run<T>::Vector sums[3] = {};
    for (int32_t j = 0; j < pixel.rows; ++j) {
        const T* row = canvas + rows[j] * stride + columns[0];
        for (int32_t i = 0; i < pixel.columns; i += kRun) {
            const auto weight = row_weights[j] * Run<T>::load(weights + i);
            for (int64_t c = 0; c < 3; ++c) sums[c] += weight * Run<T>::load(row + c * plane + i);
        }
    }
    for (size_t c = 0; c < 3; ++c) {
        for (int32_t lane = 0; lane < kRun; ++lane) colour[c] += sums[c][lane];
    }
    return colour;
}

/// One output row of a view that is not separable, all channels; `plane` and `out_plane` are strides between channels.
template <class T>
void forward_pixels(const PixelTaps<T>& taps, const T* canvas, int64_t stride, int64_t plane, T* out, int64_t out_plane) {
    for (size_t x = 0; x < taps.pixels.size(); ++x) {
        const auto colour = gather(taps, taps.pixels[x], canvas, stride, plane);
        for (size_t c = 0; c < 3; ++c) out[c * static_cast<size_t>(out_plane) + x] = colour[c];
    }
}

template <class T>
void add_border(const ViewPlan& plan, int64_t y, T* out, int64_t out_plane, Taps& tx, Taps& ty) {
    for (int64_t x = 0; x < plan.width(); ++x) {
        const Real3 colour = plan.border_colour(x, y, tx, ty);
        for (int64_t c = 0; c < 3; ++c) out[c * out_plane + x] += static_cast<T>(colour[static_cast<size_t>(c)]);
    }
}

template <class T>
void forward(const Tensor& images, const ViewGeometry& geometry, const Tensor& result) {
    const Batch<T> batch(geometry);
    const int64_t stride = images.size(3), plane = images.size(2) * stride;
    const int64_t height = result.size(2), width = result.size(3), out_plane = height * width;
    const T* const canvas = images.data_ptr<T>();
    T* const out = result.data_ptr<T>();
    const int64_t blocks = (height + kLanes - 1) / kLanes, grain = std::max<int64_t>(1, 2048 / (kLanes * width));
    at::parallel_for(0, result.size(0) * blocks, grain, [&](int64_t begin, int64_t end) {
        Scratch<T> scratch;
        for (int64_t task = begin; task < end; ++task) {
            const int64_t view = task / blocks, first = task % blocks * kLanes, count = std::min(kLanes, height - first);
            const auto& plan = *batch.plans[batch.of(view)];
            const auto* separable = batch.separable[batch.of(view)].get();
            const T* const source = canvas + (images.size(0) == 1 ? 0 : view * 3 * plane);
            T* const rows = out + view * 3 * out_plane + first * width;
            if (separable) {
                scratch.grow(*separable);
                for (int64_t c = 0; c < 3; ++c)
                    forward_rows(*separable, source + c * plane, stride, first, count, scratch, rows + c * out_plane);
            }
            for (int64_t y = first; y < first + count; ++y) {
                T* const row = rows + (y - first) * width;
                if (!separable) {
                    scratch.taps.clear();
                    scratch.taps.add_row(plan, y, stride);
                    forward_pixels(scratch.taps, source, stride, plane, row, out_plane);
                }
                if (plan.coloured()) add_border(plan, y, row, out_plane, scratch.tx, scratch.ty);
            }
        }
    });
}

}  // namespace

Tensor sample_forward_cpu(const Tensor& images, const ViewGeometry& geometry) {
    const Tensor source = images.contiguous();
    const int64_t views = std::max<int64_t>(images.size(0), geometry.views());
    Tensor result = at::empty({views, 3, geometry.height(), geometry.width()}, images.options());
    for_type(images, [&](auto type) { forward<decltype(type)>(source, geometry, result); });
    return result;
}

}  // namespace clipig::detail
