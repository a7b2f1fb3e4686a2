// The backward of the sampler on the CPU: a gather by canvas row. No two threads write the same row, and each row sums its
// contributions in the order of views and output pixels, so the bytes do not depend on the number of threads.
#include <ATen/Parallel.h>

#include <algorithm>

#include "ops/pixel_taps.h"
#include "ops/sampler.h"
#include "ops/separable_view.h"

namespace clipig::detail {
namespace {

using std::int32_t;
using std::int64_t;
using std::size_t;

constexpr int64_t kBand = 16;                         ///< canvas rows that one task of the pixelwise backward owns; output rows of a slab
constexpr int64_t kScratchBytes = int64_t{64} << 20;  ///< of row gradients or taps that the backward keeps at a time

/// Entries of a filter by canvas index instead of output index, in the order of the output.
template <class T>
Filter<T> transposed(const Filter<T>& filter, int32_t first, int32_t count) {
    Filter<T> result;
    result.start.assign(static_cast<size_t>(count) + 1, 0);
    result.index.resize(filter.index.size());
    result.weight.resize(filter.index.size());
    for (const int32_t i : filter.index) ++result.start[static_cast<size_t>(i - first) + 1];
    for (size_t i = 1; i < result.start.size(); ++i) result.start[i] += result.start[i - 1];
    auto next = result.start;
    for (int64_t out = 0; out < filter.size(); ++out) {
        for (auto t = static_cast<size_t>(filter.start[static_cast<size_t>(out)]);
             t < static_cast<size_t>(filter.start[static_cast<size_t>(out) + 1]); ++t) {
            const auto slot = static_cast<size_t>(next[static_cast<size_t>(filter.index[t] - first)]++);
            result.index[slot] = static_cast<int32_t>(out);
            result.weight[slot] = filter.weight[t];
        }
    }
    return result;
}

/// What the backward of some views of one canvas needs.
template <class T>
struct Target {
    T* canvas;  ///< [3,H,W], added to
    int64_t stride, plane;
    const T* gradient;      ///< [N,3,h,w]
    int64_t height, width;  ///< h, w
};

/// One view's share in the separable backward.
template <class T>
struct RowSource {
    const SeparableView<T>* view;
    int64_t index;        ///< of the view in the batch
    Filter<T> by_row;     ///< canvas row - first_row -> output rows
    std::vector<T> rows;  ///< gradients of the compact rows [3,h,compact]
};

/// The transposed column filter for `count` of the 3 h rows of a view; `from` and `to` are working memory by column.
template <class T>
void compact_gradient(RowSource<T>& source, const Target<T>& target, int64_t row, int64_t count, std::vector<T>& from, std::vector<T>& to) {
    const auto& columns = source.view->columns;
    const int64_t compact = source.view->compact;
    from.resize(std::max(from.size(), static_cast<size_t>(columns.size() * kLanes)));
    to.assign(static_cast<size_t>(compact * kLanes), T(0));
    to_lanes(target.gradient + (source.index * 3 * target.height + row) * target.width, target.width, count, target.width, from.data());
    for (int64_t x = 0; x < columns.size(); ++x) {
        const int32_t stop = columns.start[static_cast<size_t>(x) + 1];
        for (int32_t t = columns.start[static_cast<size_t>(x)]; t < stop; ++t) {
            add_lanes(columns.weight[static_cast<size_t>(t)], from.data() + x * kLanes,
                      to.data() + columns.index[static_cast<size_t>(t)] * kLanes);
        }
    }
    from_lanes(to.data(), count, compact, source.rows.data() + row * compact, compact);
}

template <class T>
void compact_gradients(std::vector<RowSource<T>>& sources, const Target<T>& target) {
    const int64_t rows = 3 * target.height, blocks = (rows + kLanes - 1) / kLanes;
    at::parallel_for(0, static_cast<int64_t>(sources.size()) * blocks, std::max<int64_t>(1, 16384 / (kLanes * target.width)),
                     [&](int64_t begin, int64_t end) {
                         std::vector<T> from, to;
                         for (int64_t task = begin; task < end; ++task) {
                             const int64_t first = task % blocks * kLanes;
                             compact_gradient(sources[static_cast<size_t>(task / blocks)], target, first, std::min(kLanes, rows - first),
                                              from, to);
                         }
                     });
}

template <class T>
void add_rows(const std::vector<RowSource<T>>& sources, const Target<T>& target) {
    int64_t low = INT64_MAX, high = 0;
    for (const auto& source : sources) {
        low = std::min<int64_t>(low, source.view->first_row);
        high = std::max<int64_t>(high, source.view->first_row + source.view->row_count);
    }
    if (low >= high) return;
    at::parallel_for(low, high, 4, [&](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row) {
            for (const auto& source : sources) {
                const auto& view = *source.view;
                if (row < view.first_row || row >= view.first_row + view.row_count) continue;
                const auto local = static_cast<size_t>(row - view.first_row);
                for (auto t = static_cast<size_t>(source.by_row.start[local]); t < static_cast<size_t>(source.by_row.start[local + 1]);
                     ++t) {
                    for (int64_t c = 0; c < 3; ++c) {
                        const T* const from = source.rows.data() + (c * target.height + source.by_row.index[t]) * view.compact;
                        T* const to = target.canvas + c * target.plane + row * target.stride;
                        for (const auto& s : view.segments) axpy(source.by_row.weight[t], from + s.offset, to + s.start, s.length);
                    }
                }
            }
        }
    });
}

/// Views of one canvas, in groups that keep the scratch memory small; the order of the sums does not depend on the groups.
template <class T>
void backward_separable(const Batch<T>& batch, const std::vector<int64_t>& views, const Target<T>& target) {
    std::vector<RowSource<T>> sources;
    int64_t bytes = 0;
    for (size_t i = 0; i < views.size(); ++i) {
        const auto& view = *batch.separable[batch.of(views[i])];
        if (view.row_count > 0 && view.compact > 0) {
            auto& source = sources.emplace_back();
            source.view = &view;
            source.index = views[i];
            source.by_row = transposed(view.rows, view.first_row, view.row_count);
            source.rows.resize(static_cast<size_t>(3 * target.height * view.compact));
            bytes += static_cast<int64_t>(source.rows.size() * sizeof(T));
        }
        if (bytes > kScratchBytes || i + 1 == views.size()) {
            compact_gradients(sources, target);
            add_rows(sources, target);
            sources.clear();
            bytes = 0;
        }
    }
}

/// Some output rows of a view that is not separable.
template <class T>
struct Slab {
    const ViewPlan* plan;
    int64_t view, first, count;  ///< rows
    PixelTaps<T> taps;
    std::vector<std::vector<int32_t>> by_band;  ///< pixels by the band of canvas rows that they touch; one may be in several

    void fill(int64_t bands, int64_t canvas_width) {
        for (int64_t y = first; y < first + count; ++y) taps.add_row(*plan, y, canvas_width);
        by_band.resize(static_cast<size_t>(bands));
        for (size_t p = 0; p < taps.pixels.size(); ++p) {
            const auto& pixel = taps.pixels[p];
            const int32_t* rows = taps.index.data() + pixel.first + pixel.columns;
            for (int32_t j = 0; j < pixel.rows; ++j) {
                auto& list = by_band[static_cast<size_t>(rows[j] / kBand)];
                if (list.empty() || list.back() != static_cast<int32_t>(p)) list.push_back(static_cast<int32_t>(p));
            }
        }
    }
    /// At most, before it is filled.
    [[nodiscard]] int64_t bytes() const {
        return count * plan->width() * ((plan->taps_at_most() + kRun) * static_cast<int64_t>(sizeof(int32_t) + sizeof(T)) + 32);
    }
};

/// to += part * weight; `count` is a multiple of kRun.
template <class T>
void add_run(T part, const T* weight, int32_t count, T* to) {
    for (int32_t i = 0; i < count; i += kRun) Run<T>::store(Run<T>::load(to + i) + part * Run<T>::load(weight + i), to + i);
}

/// Adds the gradient of one pixel to the canvas rows of one band.
template <class T>
void add_pixel(const Slab<T>& slab, int32_t number, int64_t band, const Target<T>& target) {
    const auto& pixel = slab.taps.pixels[static_cast<size_t>(number)];
    const int32_t *columns = slab.taps.index.data() + pixel.first, *rows = columns + pixel.columns;
    const T *weights = slab.taps.weight.data() + pixel.first, *row_weights = weights + pixel.columns;
    const T* const gradient = target.gradient + (slab.view * 3 * target.height + slab.first) * target.width + number;
    for (int32_t j = 0; j < pixel.rows; ++j) {
        if (rows[j] / kBand != band) continue;
        for (int64_t c = 0; c < 3; ++c) {
            const T part = row_weights[j] * gradient[c * target.height * target.width];
            T* const row = target.canvas + c * target.plane + rows[j] * target.stride;
            if (pixel.run) {
                add_run(part, weights, pixel.columns, row + columns[0]);
            } else {
                for (int32_t i = 0; i < pixel.columns; ++i) row[columns[i]] += part * weights[i];
            }
        }
    }
}

template <class T>
void add_slabs(std::vector<Slab<T>>& slabs, const Target<T>& target) {
    const int64_t bands = (target.plane / target.stride + kBand - 1) / kBand;
    at::parallel_for(0, static_cast<int64_t>(slabs.size()), 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) slabs[static_cast<size_t>(i)].fill(bands, target.stride);
    });
    at::parallel_for(0, bands, 1, [&](int64_t begin, int64_t end) {
        for (int64_t band = begin; band < end; ++band) {
            for (const Slab<T>& slab : slabs) {
                for (const int32_t pixel : slab.by_band[static_cast<size_t>(band)]) add_pixel(slab, pixel, band, target);
            }
        }
    });
}

/// In groups of slabs that keep the scratch memory small; the order of the sums does not depend on the groups.
template <class T>
void backward_pixels(const Batch<T>& batch, const std::vector<int64_t>& views, const Target<T>& target) {
    std::vector<Slab<T>> slabs;
    int64_t bytes = 0;
    for (const int64_t view : views) {
        for (int64_t first = 0; first < target.height; first += kBand) {
            slabs.push_back({batch.plans[batch.of(view)].get(), view, first, std::min(kBand, target.height - first), {}, {}});
            bytes += slabs.back().bytes();
            if (bytes <= kScratchBytes && (view != views.back() || first + kBand < target.height)) continue;
            add_slabs(slabs, target);
            slabs.clear();
            bytes = 0;
        }
    }
}

template <class T>
void backward(const Tensor& gradient, const ViewGeometry& geometry, const Tensor& result) {
    const Batch<T> batch(geometry);
    const int64_t stride = result.size(3), plane = result.size(2) * stride;
    const auto one_canvas = [&](int64_t canvas, int64_t first, int64_t last) {
        const Target<T> target{
            result.data_ptr<T>() + canvas * 3 * plane, stride, plane, gradient.data_ptr<T>(), gradient.size(2), gradient.size(3)};
        // runs of one kind, so that the sums are in the order of the views
        std::vector<int64_t> run;
        for (int64_t view = first; view < last; ++view) {
            const bool separable = batch.separable[batch.of(view)] != nullptr;
            run.push_back(view);
            if (view + 1 < last && separable == (batch.separable[batch.of(view + 1)] != nullptr)) continue;
            separable ? backward_separable(batch, run, target) : backward_pixels(batch, run, target);
            run.clear();
        }
    };
    if (result.size(0) == 1) {
        one_canvas(0, 0, gradient.size(0));
    } else {
        at::parallel_for(0, result.size(0), 1, [&](int64_t begin, int64_t end) {
            for (int64_t canvas = begin; canvas < end; ++canvas) one_canvas(canvas, canvas, canvas + 1);
        });
    }
}

}  // namespace

Tensor sample_backward_cpu(const Tensor& gradient, const ViewGeometry& geometry, std::int64_t canvases) {
    Tensor result = at::zeros({canvases, 3, geometry.input_height(), geometry.input_width()}, gradient.options());
    add_backward_cpu(gradient, geometry, result);
    return result;
}

void add_backward_cpu(const Tensor& gradient, const ViewGeometry& geometry, const Tensor& result) {
    const Tensor source = gradient.contiguous();
    for_type(gradient, [&](auto type) { backward<decltype(type)>(source, geometry, result); });
}

}  // namespace clipig::detail
