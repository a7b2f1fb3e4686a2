#include "ops/view_plan.h"

#include <algorithm>
#include <cmath>

namespace clipig::detail {
namespace {

double triangle(double d) { return std::max(0.0, 1 - std::abs(d)); }

/// Both branches are computed, so that several pixels go at a time.
double keys_cubic(double d) {
    constexpr double a = -0.5;
    d = std::abs(d);
    const double inner = ((a + 2) * d - (a + 3)) * d * d + 1, outer = ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
    return d < 1 ? inner : d < 2 ? outer : 0;
}

/// weight[i] = kernel((offset + i) * inverse), then all of them divided by their sum.
template <class Kernel>
void fill_weights(double offset, double inverse, int count, double* weight, const Kernel& kernel) {
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int i = 0; i < count; ++i) {
        weight[i] = kernel((offset + i) * inverse);
        sum += weight[i];
    }
    const double share = 1 / sum;
    for (int i = 0; i < count; ++i) weight[i] *= share;
}

/// first, then second: output -> input of the earlier stage.
Affine after(const Affine& earlier, const Affine& later) {
    return {earlier.xx * later.xx + earlier.xy * later.yx, earlier.xx * later.xy + earlier.xy * later.yy, 0,
            earlier.yx * later.xx + earlier.yy * later.yx, earlier.yx * later.xy + earlier.yy * later.yy, 0};
}

/// Row norm of a Jacobian, at least 1; the rounding of a turn's cosine and sine does not count as shrinking.
double spread(double along_x, double along_y) {
    const double norm = std::hypot(along_x, along_y);
    return norm > 1 + 1e-9 ? norm : 1;
}

/// A stage that does nothing to this view must not soften it, nor show its border.
bool leaves_alone(const GeometryStage& stage, std::int64_t view) {
    const Affine& m = stage.map(view);
    const bool identity = m.xx == 1 && m.xy == 0 && m.x0 == 0 && m.yx == 0 && m.yy == 1 && m.y0 == 0;
    return identity && stage.width == stage.in_width && stage.height == stage.in_height;
}

bool black(const Real3& colour) { return colour[0] == 0 && colour[1] == 0 && colour[2] == 0; }

/// What linear interpolation makes of the border of n pixels at position p, with 1 / ramp or 0; moves p to a pixel centre.
double cover(double& p, double n, double inverse_ramp, Outside outside) {
    double part = 1;
    if (outside == Outside::wrap) {
        p -= std::floor(p / n) * n;
    } else if (outside == Outside::mirror) {
        p -= std::floor(p / (2 * n)) * 2 * n;
        p = std::min(p, 2 * n - p);
    } else if (outside == Outside::fill) {
        if (inverse_ramp == 0) {
            part = p >= 0 && p < n ? 1 : 0;
        } else {
            part = std::clamp(p * inverse_ramp + 0.5, 0.0, 1.0) * std::clamp((n - p) * inverse_ramp + 0.5, 0.0, 1.0);
        }
    }
    p = std::clamp(p, 0.5, n - 0.5);
    return part;
}

}  // namespace

ViewPlan::ViewPlan(const ViewGeometry& geometry, std::int64_t view) : width_(geometry.width()), height_(geometry.height()) {
    std::vector<const GeometryStage*> stages;
    for (const GeometryStage& stage : geometry.stages()) {
        if (!leaves_alone(stage, view)) stages.push_back(&stage);
    }
    first_ = stages.size();
    for (std::size_t k = 0; k < stages.size(); ++k) {
        const auto& stage = *stages[k];
        steps_.push_back({stage.map(view), static_cast<double>(stage.in_width), static_cast<double>(stage.in_height), 1, 1, 0, 0,
                          stage.outside, stage.fill, stage.whole});
        coloured_ = coloured_ || (stage.outside == Outside::fill && !black(stage.fill));
        if (stage.whole) continue;
        if (first_ == stages.size()) first_ = k;
        interpolation_ = std::max(interpolation_, stage.interpolation);
    }
    Affine jacobian;
    for (std::size_t k = stages.size(); k-- > first_;) {
        auto& step = steps_[k];
        jacobian = after(step.map, jacobian);
        separable_ = separable_ && step.map.xy == 0 && step.map.yx == 0;
        step.ramp_x = spread(jacobian.xx, jacobian.xy);
        step.ramp_y = spread(jacobian.yx, jacobian.yy);
        if (interpolation_ == Interpolation::nearest) {
            step.ramp_x = step.ramp_y = 0;
        } else {
            step.inverse_x = 1 / step.ramp_x;
            step.inverse_y = 1 / step.ramp_y;
        }
    }
    const bool whole = first_ == stages.size();
    domain_width_ = whole ? width_ : stages[first_]->in_width;
    domain_height_ = whole ? height_ : stages[first_]->in_height;
    if (!whole && stages[first_]->antialias) {
        radius_x_ = std::max(1.0, steps_[first_].ramp_x);
        radius_y_ = std::max(1.0, steps_[first_].ramp_y);
        inverse_x_ = 1 / radius_x_;
        inverse_y_ = 1 / radius_y_;
    }
    make_index_maps();
}

void ViewPlan::make_index_maps() {
    if (first_ == 0 || separable_) return;  // a separable view asks for each index once
    x_map_.resize(static_cast<std::size_t>(domain_width_));
    y_map_.resize(static_cast<std::size_t>(domain_height_));
    for (std::size_t i = 0; i < x_map_.size(); ++i) x_map_[i] = canvas_index(static_cast<std::int64_t>(i), true);
    for (std::size_t i = 0; i < y_map_.size(); ++i) y_map_[i] = canvas_index(static_cast<std::int64_t>(i), false);
}

std::int32_t ViewPlan::canvas_index(std::int64_t index, bool horizontal) const {
    for (std::size_t k = first_; k-- > 0;) {
        const auto& step = steps_[k];
        const auto size = static_cast<std::int64_t>(horizontal ? step.width : step.height);
        index += static_cast<std::int64_t>(horizontal ? step.map.x0 : step.map.y0);
        if (index >= 0 && index < size) continue;
        if (step.outside == Outside::fill) return -1 - static_cast<std::int32_t>(k);
        if (step.outside == Outside::edge) {
            index = std::clamp<std::int64_t>(index, 0, size - 1);
        } else if (step.outside == Outside::mirror) {
            index = (index % (2 * size) + 2 * size) % (2 * size);
            index = std::min(index, 2 * size - 1 - index);
        } else {
            index = (index % size + size) % size;
        }
    }
    return static_cast<std::int32_t>(index);
}

template <class Visit>
Place ViewPlan::walk(double x, double y, const Visit& visit) const {
    Place place{x, y, 1, 1};
    for (std::size_t k = steps_.size(); k-- > first_;) {
        const auto& step = steps_[k];
        const auto& m = step.map;
        const double px = m.xx * place.x + m.xy * place.y + m.x0;
        place.y = m.yx * place.x + m.yy * place.y + m.y0;
        place.x = px;
        if (k == first_) break;
        const double cx = cover(place.x, step.width, step.inverse_x, step.outside);
        const double cy = cover(place.y, step.height, step.inverse_y, step.outside);
        visit(k, place, cx * cy);
        place.cover_x *= cx;
        place.cover_y *= cy;
    }
    return place;
}

Place ViewPlan::place(std::int64_t x, std::int64_t y) const {
    return walk(static_cast<double>(x) + 0.5, static_cast<double>(y) + 0.5, [](std::size_t, const Place&, double) {});
}

std::int32_t ViewPlan::tap_index(std::int64_t index, bool horizontal) const {
    if (index < 0 || index >= (horizontal ? domain_width_ : domain_height_)) return -1 - static_cast<std::int32_t>(first_);
    if (first_ == 0) return static_cast<std::int32_t>(index);
    const auto& map = horizontal ? x_map_ : y_map_;
    return map.empty() ? canvas_index(index, horizontal) : map[static_cast<std::size_t>(index)];
}

/// The plain linear kernel, which is most of the work.
void ViewPlan::two_taps(double p, bool horizontal, Taps& taps) const {
    if (taps.index.size() < 2) taps.index.resize(2), taps.weight.resize(2);
    const double low = std::floor(p - 0.5), part = p - 0.5 - low;
    taps.index[0] = tap_index(static_cast<std::int64_t>(low), horizontal);
    taps.weight[0] = 1 - part;
    taps.count = 1;
    if (part == 0) return;
    taps.index[1] = tap_index(static_cast<std::int64_t>(low) + 1, horizontal);
    taps.weight[1] = part;
    taps.count = 2;
}

void ViewPlan::axis_taps(double p, bool horizontal, Taps& taps) const {
    const std::int64_t size = horizontal ? domain_width_ : domain_height_;
    const Outside outside = first_ < steps_.size() ? steps_[first_].outside : Outside::fill;
    if (interpolation_ == Interpolation::linear && outside == Outside::fill && (horizontal ? radius_x_ : radius_y_) == 1) {
        return two_taps(p, horizontal, taps);
    }
    if (outside == Outside::edge) p = std::clamp(p, 0.0, static_cast<double>(size));
    std::int64_t low = static_cast<std::int64_t>(std::floor(p));
    std::int64_t high = low + 1;
    if (interpolation_ != Interpolation::nearest) {
        const double radius = horizontal ? radius_x_ : radius_y_;
        const double support = interpolation_ == Interpolation::cubic ? 2 * radius : radius;
        low = static_cast<std::int64_t>(std::floor(p - support + 0.5));
        high = static_cast<std::int64_t>(std::floor(p + support + 0.5)) + 1;
    }
    if (outside == Outside::edge) {
        if (interpolation_ == Interpolation::nearest) low = std::clamp<std::int64_t>(low, 0, size - 1), high = low + 1;
        low = std::max<std::int64_t>(low, 0);
        high = std::min(high, size);
    }
    taps.count = static_cast<int>(std::max<std::int64_t>(high - low, 0));
    const auto room = static_cast<std::size_t>(taps.count);
    if (taps.index.size() < room) taps.index.resize(room), taps.weight.resize(room);
    for (std::size_t i = 0; i < room; ++i) taps.index[i] = tap_index(low + static_cast<std::int64_t>(i), horizontal);
    const double offset = static_cast<double>(low) + 0.5 - p, inverse = horizontal ? inverse_x_ : inverse_y_;
    if (interpolation_ == Interpolation::cubic) {
        fill_weights(offset, inverse, taps.count, taps.weight.data(), keys_cubic);
    } else if (interpolation_ == Interpolation::linear) {
        fill_weights(offset, inverse, taps.count, taps.weight.data(), triangle);
    } else {
        fill_weights(offset, inverse, taps.count, taps.weight.data(), [](double) { return 1.0; });
    }
}

void ViewPlan::taps(const Place& place, Taps& x, Taps& y) const {
    axis_taps(place.x, true, x);
    axis_taps(place.y, false, y);
}

std::int64_t ViewPlan::taps_at_most() const {
    const double reach = interpolation_ == Interpolation::cubic ? 2 : 1;
    return static_cast<std::int64_t>(std::ceil(2 * reach * radius_x_) + std::ceil(2 * reach * radius_y_)) + 2;
}

Real3 ViewPlan::border_colour(std::int64_t x, std::int64_t y, Taps& tx, Taps& ty) const {
    Real3 colour{};
    double visible = 1;
    const auto add = [&colour](const Real3& fill, double part) {
        for (std::size_t c = 0; c < 3; ++c) colour[c] += part * fill[c];
    };
    const Place at = walk(static_cast<double>(x) + 0.5, static_cast<double>(y) + 0.5, [&](std::size_t k, const Place&, double covered) {
        if (steps_[k].outside == Outside::fill) add(steps_[k].fill, visible * (1 - covered));
        visible *= covered;
    });
    if (visible == 0) return colour;
    taps(at, tx, ty);
    for (std::size_t j = 0; j < static_cast<std::size_t>(ty.count); ++j) {
        for (std::size_t i = 0; i < static_cast<std::size_t>(tx.count); ++i) {
            if (tx.index[i] >= 0 && ty.index[j] >= 0) continue;
            // the latest of the two stages hides the other
            const auto stage = static_cast<std::size_t>(-1 - std::min(tx.index[i], ty.index[j]));
            add(steps_[stage].fill, visible * tx.weight[i] * ty.weight[j]);
        }
    }
    return colour;
}

AxisTable ViewPlan::table(bool horizontal) const {
    AxisTable table;
    Taps taps;
    const std::int64_t size = horizontal ? width_ : height_;
    table.start.push_back(0);
    for (std::int64_t i = 0; i < size; ++i) {
        const Place at = horizontal ? place(i, 0) : place(0, i);
        axis_taps(horizontal ? at.x : at.y, horizontal, taps);
        const double covered = horizontal ? at.cover_x : at.cover_y;
        for (std::size_t t = 0; t < static_cast<std::size_t>(taps.count) && covered != 0; ++t) {
            if (taps.index[t] < 0 || taps.weight[t] == 0) continue;
            table.index.push_back(taps.index[t]);
            table.weight.push_back(taps.weight[t] * covered);
        }
        table.start.push_back(static_cast<std::int32_t>(table.index.size()));
    }
    return table;
}

AxisTable ViewPlan::columns() const { return table(true); }
AxisTable ViewPlan::rows() const { return table(false); }

}  // namespace clipig::detail
