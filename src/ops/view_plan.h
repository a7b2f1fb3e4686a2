// One view's chain of maps, ready for sampling: from an output pixel to weighted canvas pixels.
//
// Kernels: linear is the triangle max(0, 1-|d|), cubic is Keys' kernel with a = -1/2 (R. Keys, "Cubic convolution interpolation
// for digital image processing", 1981), both as PIL and torch's antialias=True use them. Where the composed map shrinks, the
// kernel is widened by r per input axis, r = max(1, norm of that row of the Jacobian J of the map output -> input): a round
// footprint of one output pixel has covariance J J^T in the input, and its spread along x and y is the row norms. For scaling
// along the axes this is exactly the separable filter of torch's antialias=True; for a rotation with a uniform scale s it is r = s.
//
// Borders: a tap outside of a stage with Outside::fill carries that stage's colour; with Outside::edge the taps inside are
// renormalised. A stage after the first fractional one has no taps of its own; there a position p within an input of n
// pixels is covered to the part clamp(p/r + 1/2, 0, 1) clamp((n-p)/r + 1/2, 0, 1), which is what linear interpolation makes of
// the border, and p itself is moved to the nearest pixel centre. At pixel centres this is exactly 0 or 1.
#pragma once

#include <cstdint>
#include <vector>

#include "ops/geometry.h"

namespace clipig::detail {

/// A position in the input of the stage that interpolates, and the part of it that is not hidden by borders of later stages.
struct Place {
    double x = 0, y = 0;
    double cover_x = 1, cover_y = 1;
};

/// Weighted pixels along one axis; a weight may be 0. A canvas index >= 0, or -1-k: outside of stage k.
struct Taps {
    std::vector<std::int32_t> index;
    std::vector<double> weight;
    int count = 0;
};

/// Taps of all output columns (or rows) of a separable view: inside ones only, coverage included.
struct AxisTable {
    std::vector<std::int32_t> start;  ///< output size + 1 entries
    std::vector<std::int32_t> index;  ///< canvas indices
    std::vector<double> weight;
};

class ViewPlan {
public:
    ViewPlan(const ViewGeometry& geometry, std::int64_t view);

    [[nodiscard]] std::int64_t width() const { return width_; }
    [[nodiscard]] std::int64_t height() const { return height_; }
    /// x depends on x only and y on y only.
    [[nodiscard]] bool separable() const { return separable_; }
    /// A border shows a colour other than black.
    [[nodiscard]] bool coloured() const { return coloured_; }

    /// From the centre of output pixel (x, y) to the interpolated stage's input.
    [[nodiscard]] Place place(std::int64_t x, std::int64_t y) const;
    /// Taps around a place; fills of the taps' stages are known by their negative index.
    void taps(const Place& place, Taps& x, Taps& y) const;
    /// Of one pixel, columns and rows together.
    [[nodiscard]] std::int64_t taps_at_most() const;
    /// The colour that borders add to output pixel (x, y); independent of the canvas.
    [[nodiscard]] Real3 border_colour(std::int64_t x, std::int64_t y, Taps& tx, Taps& ty) const;

    /// Precondition: separable().
    [[nodiscard]] AxisTable columns() const;
    [[nodiscard]] AxisTable rows() const;

private:
    struct Step {  ///< a stage with this view's map and its row norms
        Affine map;
        double width, height;                                 ///< of its input
        double ramp_x, ramp_y, inverse_x = 0, inverse_y = 0;  ///< inverse: 1 / ramp; 0 for a ramp of 0
        Outside outside;
        Real3 fill;
        bool whole;
    };
    void axis_taps(double p, bool horizontal, Taps& taps) const;
    void two_taps(double p, bool horizontal, Taps& taps) const;
    /// The canvas index of an index in the interpolated stage's input, or -1-k.
    [[nodiscard]] std::int32_t tap_index(std::int64_t index, bool horizontal) const;
    [[nodiscard]] std::int32_t canvas_index(std::int64_t index, bool horizontal) const;
    [[nodiscard]] AxisTable table(bool horizontal) const;
    template <class Visit>
    Place walk(double x, double y, const Visit& visit) const;
    void make_index_maps();

    std::vector<Step> steps_;  ///< in the order of application
    std::size_t first_ = 0;    ///< the stage that interpolates; steps_.size() when all are whole
    std::int64_t width_, height_;
    std::int64_t domain_width_, domain_height_;  ///< input of the stage that interpolates
    double radius_x_ = 1, radius_y_ = 1;         ///< widening of the kernel
    double inverse_x_ = 1, inverse_y_ = 1;       ///< 1 / radius
    Interpolation interpolation_ = Interpolation::nearest;
    bool separable_ = true, coloured_ = false;
    std::vector<std::int32_t> x_map_, y_map_;  ///< domain index -> canvas index or -1-k; empty for the identity
};

}  // namespace clipig::detail
