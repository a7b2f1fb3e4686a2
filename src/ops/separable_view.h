// Views made ready for the CPU: those that are separable as filters of their two axes. Shared by the two halves of the sampler.
#pragma once

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "ops/tensor.h"
#include "ops/view_plan.h"

namespace clipig::detail {

/// A run of canvas columns that a view touches, and where it lies in the view's compact row.
struct Segment {
    std::int32_t start, length, offset;
};

/// Filter of one axis in the pixels' own type.
template <class T>
struct Filter {
    std::vector<std::int32_t> start, index;
    std::vector<T> weight;

    explicit Filter(const AxisTable& table) : start(table.start), index(table.index), weight(table.weight.begin(), table.weight.end()) {}
    Filter() = default;
    [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(start.size()) - 1; }
};

/// A separable view: filters, the touched columns as runs, and column indices into the compact row.
template <class T>
struct SeparableView {
    Filter<T> columns, rows;
    std::vector<Segment> segments;
    std::int32_t compact = 0;                   ///< touched columns
    std::int32_t first_row = 0, row_count = 0;  ///< bounding rows

    explicit SeparableView(const ViewPlan& plan) : columns(plan.columns()), rows(plan.rows()) {
        auto touched = columns.index;
        std::sort(touched.begin(), touched.end());
        touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
        for (const std::int32_t column : touched) {
            if (segments.empty() || segments.back().start + segments.back().length != column) segments.push_back({column, 0, compact});
            ++segments.back().length;
            ++compact;
        }
        for (auto& column : columns.index) {
            const auto run = std::upper_bound(segments.begin(), segments.end(), column,
                                              [](std::int32_t value, const Segment& s) { return value < s.start; }) -
                             1;
            column = column - run->start + run->offset;
        }
        if (rows.index.empty()) return;
        const auto [low, high] = std::minmax_element(rows.index.begin(), rows.index.end());
        first_row = *low;
        row_count = *high - *low + 1;
    }
};

constexpr std::int64_t kLanes = 16;  ///< rows that go through the filter of the columns side by side, whatever its number of taps

/// [rows, columns] with `stride` between rows to [columns, kLanes]; lanes beyond `rows` keep what they hold.
template <class T>
void to_lanes(const T* from, std::int64_t stride, std::int64_t rows, std::int64_t columns, T* lanes) {
    for (std::int64_t row = 0; row < rows; ++row) {
        for (std::int64_t i = 0; i < columns; ++i) lanes[i * kLanes + row] = from[row * stride + i];
    }
}

/// The way back.
template <class T>
void from_lanes(const T* lanes, std::int64_t rows, std::int64_t columns, T* to, std::int64_t stride) {
    for (std::int64_t row = 0; row < rows; ++row) {
        for (std::int64_t i = 0; i < columns; ++i) to[row * stride + i] = lanes[i * kLanes + row];
    }
}

/// to += weight * from, on all lanes.
template <class T>
void add_lanes(T weight, const T* from, T* to) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane) to[lane] += weight * from[lane];
}

template <class T>
void axpy(T weight, const T* from, T* to, std::int32_t count) {
    for (std::int32_t i = 0; i < count; ++i) to[i] += weight * from[i];
}

/// All that a batch needs: one plan for each view, and its separable form where it has one.
template <class T>
struct Batch {
    std::vector<std::unique_ptr<ViewPlan>> plans;
    std::vector<std::unique_ptr<SeparableView<T>>> separable;

    explicit Batch(const ViewGeometry& geometry) {
        const auto count = static_cast<std::size_t>(geometry.views());
        plans.resize(count);
        separable.resize(count);
        at::parallel_for(0, static_cast<std::int64_t>(count), 1, [&](std::int64_t begin, std::int64_t end) {
            for (auto v = static_cast<std::size_t>(begin); v < static_cast<std::size_t>(end); ++v) {
                plans[v] = std::make_unique<ViewPlan>(geometry, static_cast<std::int64_t>(v));
                if (plans[v]->separable()) separable[v] = std::make_unique<SeparableView<T>>(*plans[v]);
            }
        });
    }
    [[nodiscard]] std::size_t of(std::int64_t view) const { return plans.size() == 1 ? 0 : static_cast<std::size_t>(view); }
};

/// Calls `body` with a number of the type of the tensor.
template <class Body>
void for_type(const Tensor& tensor, const Body& body) {
    if (tensor.scalar_type() == at::kFloat) {
        body(float{});
    } else {
        TORCH_CHECK(tensor.scalar_type() == at::kDouble, "views are sampled in float32 or float64");
        body(double{});
    }
}

}  // namespace clipig::detail
