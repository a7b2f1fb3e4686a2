// Views that are not separable (turned ones) made ready for the CPU: the weighted canvas pixels of each output pixel.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "ops/view_plan.h"

namespace clipig::detail {

constexpr std::int32_t kRun = 8;  ///< neighbouring columns come in multiples of this many, so that they need no remainder

/// kRun numbers that are handled at once (an extension of g++ and clang, on every processor).
template <class T>
struct Run {
    typedef T Vector __attribute__((vector_size(kRun * sizeof(T))));  // NOLINT: `using` takes no such attribute in a template

    static Vector load(const T* from) {
        Vector values;
        std::memcpy(&values, from, sizeof values);
        return values;
    }
    static void store(const Vector& values, T* to) { std::memcpy(to, &values, sizeof values); }
};

/// Output pixels one after the other, with weights in the pixels' own type. The weight of a canvas pixel is the product of its column's and
/// its row's; taps on a border are left out, and the columns' weights hold what later borders leave visible.
template <class T>
class PixelTaps {
public:
    struct Pixel {
        std::uint32_t first = 0;             ///< in index and weight: columns, then rows
        std::int32_t columns = 0, rows = 0;  ///< one of them 0: nothing of the canvas is seen
        bool run = false;                    ///< the columns are neighbours, filled up with weights of 0 to a multiple of kRun
    };
    std::vector<Pixel> pixels;
    std::vector<std::int32_t> index;
    std::vector<T> weight;

    void clear() {
        pixels.clear();
        index.clear();
        weight.clear();
    }

    /// Appends output row y of a view of a canvas that is `canvas_width` wide.
    void add_row(const ViewPlan& plan, std::int64_t y, std::int64_t canvas_width) {
        for (std::int64_t x = 0; x < plan.width(); ++x) {
            const Place at = plan.place(x, y);
            Pixel& pixel = pixels.emplace_back();
            pixel.first = static_cast<std::uint32_t>(index.size());
            const double covered = at.cover_x * at.cover_y;
            if (covered == 0) continue;
            plan.taps(at, x_, y_);
            pixel.run = add_run(x_, covered, canvas_width);
            if (!pixel.run) add_axis(x_, covered);
            pixel.columns = added(pixel);
            add_axis(y_, 1);
            pixel.rows = added(pixel) - pixel.columns;
        }
    }

private:
    [[nodiscard]] std::int32_t added(const Pixel& pixel) const { return static_cast<std::int32_t>(index.size() - pixel.first); }

    /// False when the taps are no neighbours or too near to the edge of a narrow canvas.
    [[nodiscard]] bool add_run(const Taps& taps, double scale, std::int64_t canvas_width) {
        const std::int32_t count = taps.count, filled = (count + kRun - 1) / kRun * kRun;
        if (count == 0 || filled > canvas_width || taps.index[0] < 0) return false;
        for (std::size_t i = 1; i < static_cast<std::size_t>(count); ++i) {
            if (taps.index[i] != taps.index[i - 1] + 1) return false;
        }
        const std::int32_t start = std::min(taps.index[0], static_cast<std::int32_t>(canvas_width) - filled), lead = taps.index[0] - start;
        for (std::int32_t i = 0; i < filled; ++i) {
            const bool inside = i >= lead && i < lead + count;
            index.push_back(start + i);
            weight.push_back(inside ? static_cast<T>(scale * taps.weight[static_cast<std::size_t>(i - lead)]) : T(0));
        }
        return true;
    }

    void add_axis(const Taps& taps, double scale) {
        for (std::size_t i = 0; i < static_cast<std::size_t>(taps.count); ++i) {
            if (taps.index[i] < 0 || taps.weight[i] == 0) continue;
            index.push_back(taps.index[i]);
            weight.push_back(static_cast<T>(scale * taps.weight[i]));
        }
    }

    Taps x_, y_;
};

}  // namespace clipig::detail
