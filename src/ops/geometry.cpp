#include "ops/geometry.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/error.h"
#include "base/text.h"
#include "ops/sampler.h"

namespace clipig {
namespace {

/// More pixels than this in one view are taken for a mistake (a 32768 x 32768 picture in float32 is 12 GiB).
constexpr std::int64_t kMaximumPixels = std::int64_t{1} << 30;

/// cos and sin of an angle in degrees, exact at multiples of 90, where the picture must not lose sharpness.
std::pair<double, double> cos_sin(double degrees) {
    const double turn = std::remainder(degrees, 360.0);
    if (turn == 0) return {1, 0};
    if (turn == 90) return {0, 1};
    if (turn == -90) return {0, -1};
    if (std::abs(turn) == 180) return {-1, 0};
    const double radians = turn * std::numbers::pi / 180;
    return {std::cos(radians), std::sin(radians)};
}

}  // namespace

Interpolation interpolation_named(const std::string& name) {
    if (name == "nearest") return Interpolation::nearest;
    if (name == "linear") return Interpolation::linear;
    if (name == "cubic") return Interpolation::cubic;
    throw InputError("unknown interpolation '" + name + "': use nearest, linear or cubic");
}

Outside outside_named(const std::string& name) {
    const std::string word = lower(name);
    if (word == "black" || word == "fill") return Outside::fill;
    if (word == "wrap") return Outside::wrap;
    if (word == "edge") return Outside::edge;
    if (word == "mirror") return Outside::mirror;
    throw InputError("unknown border '" + name + "': use mirror, wrap, edge or black");
}

Affine rotation(double degrees, double cx, double cy) {
    const auto [c, s] = cos_sin(degrees);
    return {c, -s, cx - c * cx + s * cy, s, c, cy - s * cx - c * cy};
}

Affine zoom(double scale, double cx, double cy) {
    const double step = 1 / scale;
    return {step, 0, cx - step * cx, 0, step, cy - step * cy};
}

ViewGeometry::ViewGeometry(std::int64_t width, std::int64_t height)
    : input_width_(width), input_height_(height), width_(width), height_(height) {}

std::int64_t ViewGeometry::views() const {
    std::size_t views = 1;
    for (const auto& stage : stages_) views = std::max(views, stage.maps.size());
    return static_cast<std::int64_t>(views);
}

void ViewGeometry::translate(const std::string& name, const std::vector<Int2>& offsets, std::int64_t width, std::int64_t height,
                             Outside outside, const Real3& fill) {
    GeometryStage stage;
    stage.name = name;
    stage.whole = true;
    for (const auto& offset : offsets) {
        stage.maps.push_back({1, 0, static_cast<double>(offset[0]), 0, 1, static_cast<double>(offset[1])});
    }
    stage.width = width;
    stage.height = height;
    stage.outside = outside;
    stage.fill = fill;
    append(std::move(stage));
}

void ViewGeometry::transform(const std::string& name, std::vector<Affine> maps, std::int64_t width, std::int64_t height, Outside outside,
                             Interpolation interpolation, bool antialias) {
    GeometryStage stage;
    stage.name = name;
    stage.maps = std::move(maps);
    stage.width = width;
    stage.height = height;
    stage.outside = outside;
    stage.interpolation = interpolation;
    stage.antialias = antialias && interpolation != Interpolation::nearest;
    append(std::move(stage));
}

void ViewGeometry::resize(const std::string& name, std::int64_t width, std::int64_t height, Interpolation interpolation, bool antialias) {
    const Affine map{static_cast<double>(width_) / static_cast<double>(width),   0, 0, 0,
                     static_cast<double>(height_) / static_cast<double>(height), 0};
    transform(name, {map}, width, height, Outside::edge, interpolation, antialias);
}

bool ViewGeometry::jagged() const {
    return std::any_of(stages_.begin(), stages_.end(),
                       [](const GeometryStage& stage) { return !stage.whole && stage.interpolation == Interpolation::nearest; });
}

void ViewGeometry::spare_views(std::size_t first, const std::vector<bool>& acting) {
    for (std::size_t k = first; k < stages_.size(); ++k) {
        GeometryStage& stage = stages_[k];
        if (stage.width != stage.in_width || stage.height != stage.in_height) {
            throw InputError(stage.name + ": p must be 1, as views of one target have one size and it changes theirs");
        }
        if (stage.maps.size() == 1) stage.maps.resize(acting.size(), stage.maps[0]);
        for (std::size_t view = 0; view < acting.size(); ++view) {
            if (!acting[view]) stage.maps[view] = Affine{};
        }
    }
}

void ViewGeometry::append(GeometryStage stage) {
    const auto size_text = std::to_string(stage.width) + " x " + std::to_string(stage.height);
    if (stage.width < 1 || stage.height < 1) {
        throw InputError(stage.name + ": the result would have " + size_text + " pixels; the input has " + std::to_string(width_) + " x " +
                         std::to_string(height_));
    }
    if (stage.width > kMaximumPixels / stage.height) {
        throw InputError(stage.name + ": a view of " + size_text + " pixels is larger than any memory; make it smaller");
    }
    stage.in_width = width_;
    stage.in_height = height_;
    width_ = stage.width;
    height_ = stage.height;
    stages_.push_back(std::move(stage));
}

Tensor GeometricTransform::apply(const Tensor& images, const ViewRandom& random) const {
    ViewGeometry geometry(images.size(3), images.size(2));
    compose(geometry, random);
    return sample_views(images, geometry);
}

std::int64_t pixels_of(double value, std::int64_t size) {
    const double pixels = std::abs(value) < 1 ? value * static_cast<double>(size) : value;
    return static_cast<std::int64_t>(pixels + (pixels < 0 ? -1e-9 : 1e-9));  // .29 * 100 is 28.999...
}

}  // namespace clipig
