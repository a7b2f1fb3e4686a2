// Where the pixels of views come from: a chain of coordinate maps that is sampled once, for the output pixels only.
//
// Positions are continuous: pixel i covers [i, i+1), its centre is i + .5, x to the right, y down. A stage maps a position in
// its output to a position in its input. Three things are kept exact:
//  - whole-pixel stages (crop, pad, shift, repeat) before the first fractional stage stay index maps;
//  - with one fractional stage the result is that of the stages one after the other;
//  - every stage keeps its own border rule: what lies outside of its input is that stage's fill, the wrapped or the edge pixel.
// Several fractional stages (rotate, scale, resize) are composed and interpolated once, in the input of the first of them;
// the borders of the later ones are as soft as their interpolation would make them (coverage, see ViewPlan).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ops/fields.h"
#include "ops/tensor.h"
#include "ops/transform.h"

namespace clipig {

enum class Interpolation { nearest, linear, cubic };

/// `nearest`, `linear` or `cubic`; throws InputError for another word.
[[nodiscard]] Interpolation interpolation_named(const std::string& name);

/// What a position outside of a stage's input stands for.
enum class Outside { fill, wrap, edge, mirror };

/// `black` and `fill` (a colour, black where none is given), `wrap`, `edge` or `mirror`, in any case; throws InputError for another word.
[[nodiscard]] Outside outside_named(const std::string& name);

/// Output position -> input position: in.x = xx x + xy y + x0, in.y = yx x + yy y + y0.
struct Affine {
    double xx = 1, xy = 0, x0 = 0;
    double yx = 0, yy = 1, y0 = 0;
};

/// Counter-clockwise turn (as seen, y down) about (cx, cy); exact for multiples of 90 degrees.
[[nodiscard]] Affine rotation(double degrees, double cx, double cy);
/// Zoom by `scale` (2 = twice as large) about (cx, cy).
[[nodiscard]] Affine zoom(double scale, double cx, double cy);

/// One map of the chain. `maps` holds one entry for all views, or one for each.
struct GeometryStage {
    std::string name;    ///< of the transform, for errors
    bool whole = false;  ///< a translation by whole pixels
    std::vector<Affine> maps;
    std::int64_t in_width = 0, in_height = 0, width = 0, height = 0;
    Outside outside = Outside::fill;
    Real3 fill{};  ///< colour for Outside::fill
    Interpolation interpolation = Interpolation::nearest;
    bool antialias = false;  ///< widen the kernel where the map shrinks

    [[nodiscard]] const Affine& map(std::int64_t view) const { return maps[maps.size() == 1 ? 0 : static_cast<std::size_t>(view)]; }
};

/// The chain for a batch of views, in the order in which the transforms are applied.
class ViewGeometry {
public:
    ViewGeometry(std::int64_t width, std::int64_t height);

    [[nodiscard]] std::int64_t width() const { return width_; }  ///< of the last stage's output
    [[nodiscard]] std::int64_t height() const { return height_; }
    [[nodiscard]] std::int64_t input_width() const { return input_width_; }
    [[nodiscard]] std::int64_t input_height() const { return input_height_; }
    [[nodiscard]] const std::vector<GeometryStage>& stages() const { return stages_; }
    /// Number of different views: the longest list of maps, 1 when all views are equal.
    [[nodiscard]] std::int64_t views() const;

    /// Output pixel (x, y) is input pixel (x + dx, y + dy). offsets: one (dx, dy), or one for each view.
    void translate(const std::string& name, const std::vector<Int2>& offsets, std::int64_t width, std::int64_t height, Outside outside,
                   const Real3& fill = {});
    /// For views that the transform misses: the stages from number `first` on become the identity where acting[view] is false. Throws
    /// InputError when such a stage changes the size.
    void spare_views(std::size_t first, const std::vector<bool>& acting);
    /// A map with fractions. Outside::fill or Outside::edge.
    void transform(const std::string& name, std::vector<Affine> maps, std::int64_t width, std::int64_t height, Outside outside,
                   Interpolation interpolation, bool antialias = true);

    /// Everything scaled to width x height; `edge` outside.
    void resize(const std::string& name, std::int64_t width, std::int64_t height, Interpolation interpolation, bool antialias = true);
    /// A stage with fractions takes the nearest pixel.
    [[nodiscard]] bool jagged() const;

private:
    void append(GeometryStage stage);

    std::int64_t input_width_, input_height_, width_, height_;
    std::vector<GeometryStage> stages_;
};

/// A transform that only moves pixels: it says where from, the sampler does the rest.
class GeometricTransform : public Transform {
public:
    /// Appends this transform's stage. Throws InputError, naming the transform, for sizes that do not work.
    virtual void compose(ViewGeometry& geometry, const ViewRandom& random) const = 0;
    [[nodiscard]] Tensor apply(const Tensor& images, const ViewRandom& random) const final;
};

/// A value of `offset`, `xywh` ...: below 1 in size a fraction of `size`, else pixels; towards zero, as whole pixels.
[[nodiscard]] std::int64_t pixels_of(double value, std::int64_t size);

/// The parameter that every transform by fractions has. Op::interpolation is a std::string.
template <class Op>
[[nodiscard]] Field<Op> interpolation_field() {
    return field("interpolation", &Op::interpolation, "linear",
                 "How values between pixels are found: nearest, linear or cubic; linear and cubic antialias where the picture shrinks.")
        .choices({"nearest", "linear", "cubic"})
        .sees(kTransformGroups);
}

}  // namespace clipig
