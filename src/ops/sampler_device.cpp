// The sampler with ATen operations only, for devices other than the CPU. A separable view is two matrix products on the
// window of the canvas that it touches; other views gather weighted taps. The backward adds view after view, by matrix
// products and by index_put with accumulation, which CUDA sorts by index: no atomics, the same bytes in every run.
#include <algorithm>
#include <functional>

#include "ops/device_copy.h"
#include "ops/sampler.h"
#include "ops/view_plan.h"

namespace clipig::detail {
namespace {

using std::int64_t;
using std::size_t;

/// A dense filter of one axis over the touched canvas indices [first, first + weight.size(1)).
struct DenseFilter {
    int64_t first = 0, count = 0;
    Tensor weight;  ///< [output, count]
};

DenseFilter dense(const AxisTable& table, const at::TensorOptions& options) {
    DenseFilter filter;
    const auto outputs = static_cast<int64_t>(table.start.size()) - 1;
    if (table.index.empty()) return filter;
    const auto [low, high] = std::minmax_element(table.index.begin(), table.index.end());
    filter.first = *low;
    filter.count = *high - *low + 1;
    Tensor weight = at::zeros({outputs, filter.count}, at::kDouble);
    double* const data = weight.data_ptr<double>();
    for (int64_t out = 0; out < outputs; ++out) {
        for (auto t = static_cast<size_t>(table.start[static_cast<size_t>(out)]);
             t < static_cast<size_t>(table.start[static_cast<size_t>(out) + 1]); ++t) {
            data[out * filter.count + table.index[t] - filter.first] += table.weight[t];
        }
    }
    filter.weight = copy_to_device(weight, options);
    return filter;
}

/// Taps of all output pixels of a view that is not separable, padded with weight 0.
struct GatherTable {
    Tensor index;   ///< [K * h * w], into the flattened canvas plane
    Tensor weight;  ///< [K, h * w]
};

GatherTable gather_table(const ViewPlan& plan, int64_t stride, const at::TensorOptions& options) {
    const int64_t pixels = plan.width() * plan.height();
    std::vector<std::vector<std::pair<int64_t, double>>> lists(static_cast<size_t>(pixels));
    Taps tx, ty;
    size_t most = 1;
    for (int64_t pixel = 0; pixel < pixels; ++pixel) {
        const Place at = plan.place(pixel % plan.width(), pixel / plan.width());
        const double covered = at.cover_x * at.cover_y;
        if (covered == 0) continue;
        plan.taps(at, tx, ty);
        auto& list = lists[static_cast<size_t>(pixel)];
        for (size_t j = 0; j < static_cast<size_t>(ty.count); ++j) {
            for (size_t i = 0; i < static_cast<size_t>(tx.count); ++i) {
                if (tx.index[i] < 0 || ty.index[j] < 0) continue;
                list.emplace_back(ty.index[j] * stride + tx.index[i], covered * tx.weight[i] * ty.weight[j]);
            }
        }
        most = std::max(most, list.size());
    }
    Tensor index = at::zeros({static_cast<int64_t>(most), pixels}, at::kLong);
    Tensor weight = at::zeros({static_cast<int64_t>(most), pixels}, at::kDouble);
    for (int64_t pixel = 0; pixel < pixels; ++pixel) {
        const auto& list = lists[static_cast<size_t>(pixel)];
        for (size_t t = 0; t < list.size(); ++t) {
            index.data_ptr<int64_t>()[static_cast<int64_t>(t) * pixels + pixel] = list[t].first;
            weight.data_ptr<double>()[static_cast<int64_t>(t) * pixels + pixel] = list[t].second;
        }
    }
    return {copy_to_device(index.flatten(), options.dtype(at::kLong)), copy_to_device(weight, options)};
}

Tensor border_image(const ViewPlan& plan, const at::TensorOptions& options) {
    Tensor image = at::zeros({3, plan.height(), plan.width()}, at::kDouble);
    auto* const data = image.data_ptr<double>();
    Taps tx, ty;
    for (int64_t y = 0; y < plan.height(); ++y) {
        for (int64_t x = 0; x < plan.width(); ++x) {
            const Real3 colour = plan.border_colour(x, y, tx, ty);
            for (int64_t c = 0; c < 3; ++c) data[(c * plan.height() + y) * plan.width() + x] = colour[static_cast<size_t>(c)];
        }
    }
    return copy_to_device(image, options);
}

/// canvas [3,H,W] -> [3,h,w]
Tensor forward_view(const ViewPlan& plan, const Tensor& canvas) {
    const auto options = canvas.options();
    Tensor view;
    if (plan.separable()) {
        const auto rows = dense(plan.rows(), options), columns = dense(plan.columns(), options);
        if (rows.count == 0 || columns.count == 0) {
            view = at::zeros({3, plan.height(), plan.width()}, options);
        } else {
            const Tensor window = canvas.narrow(1, rows.first, rows.count).narrow(2, columns.first, columns.count);
            view = at::matmul(at::matmul(rows.weight, window), columns.weight.t());
        }
    } else {
        const auto table = gather_table(plan, canvas.size(2), options);
        const Tensor values = canvas.flatten(1).index_select(1, table.index).view({3, table.weight.size(0), -1});
        view = (values * table.weight).sum(1).view({3, plan.height(), plan.width()});
    }
    return plan.coloured() ? view + border_image(plan, options) : view;
}

/// Adds the gradient [3,h,w] of one view to its canvas' [3,H,W], in place.
void backward_view(const ViewPlan& plan, const Tensor& gradient, const Tensor& canvas) {
    const auto options = canvas.options();
    if (plan.separable()) {
        const auto rows = dense(plan.rows(), options), columns = dense(plan.columns(), options);
        if (rows.count == 0 || columns.count == 0) return;
        canvas.narrow(1, rows.first, rows.count)
            .narrow(2, columns.first, columns.count)
            .add_(at::matmul(at::matmul(rows.weight.t(), gradient), columns.weight));
        return;
    }
    const auto table = gather_table(plan, canvas.size(2), options);
    const Tensor values = (gradient.flatten(1).unsqueeze(1) * table.weight).flatten(1);  // [3, K * h * w]
    for (int64_t c = 0; c < 3; ++c) {
        Tensor plane = canvas[c].view({-1});
        plane.index_put_({table.index}, values[c], /*accumulate=*/true);
    }
}

}  // namespace

Tensor sample_forward_device(const Tensor& images, const ViewGeometry& geometry) {
    const int64_t views = std::max<int64_t>(images.size(0), geometry.views());
    std::vector<Tensor> results;
    for (int64_t view = 0; view < views; ++view) {
        results.push_back(forward_view(ViewPlan(geometry, view), images[images.size(0) == 1 ? 0 : view]));
    }
    return at::stack(results);
}

Tensor sample_backward_device(const Tensor& gradient, const ViewGeometry& geometry, std::int64_t canvases) {
    Tensor result = at::zeros({canvases, 3, geometry.input_height(), geometry.input_width()}, gradient.options());
    for (int64_t view = 0; view < gradient.size(0); ++view) {
        backward_view(ViewPlan(geometry, view), gradient[view], result[canvases == 1 ? 0 : view]);
    }
    return result;
}

}  // namespace clipig::detail
