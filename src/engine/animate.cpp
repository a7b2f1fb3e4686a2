#include "engine/animate.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "ops/geometry.h"
#include "ops/sampler.h"

namespace clipig {
namespace {

struct Size {
    double width, height;
};

/// Where an output pixel comes from: shifted back, then turned and zoomed back about the centre.
Affine map_of(const Motion& motion, const Size& size) {
    const Affine turn = rotation(motion.degrees, 0, 0);
    const double z = 1 / motion.zoom, cx = motion.centre[0] * size.width, cy = motion.centre[1] * size.height;
    const double ox = cx + motion.shift[0] * size.width, oy = cy + motion.shift[1] * size.height;
    return {z * turn.xx, z * turn.xy, cx - z * (turn.xx * ox + turn.xy * oy),
            z * turn.yx, z * turn.yy, cy - z * (turn.yx * ox + turn.yy * oy)};
}

/// How far beyond the picture the map reaches, with room for the kernel.
std::int64_t margin_of(const Affine& map, const Size& size) {
    double beyond = 0;
    for (const double x : {0.0, size.width}) {
        for (const double y : {0.0, size.height}) {
            const double px = map.xx * x + map.xy * y + map.x0, py = map.yx * x + map.yy * y + map.y0;
            beyond = std::max({beyond, -px, -py, px - size.width, py - size.height});
        }
    }
    const double kernel = 2 * std::max({1.0, std::hypot(map.xx, map.xy), std::hypot(map.yx, map.yy)});
    return static_cast<std::int64_t>(std::ceil(beyond + kernel)) + 1;
}

/// Near enough that sampling between pixels would change nothing.
bool whole(double value) { return std::abs(value - std::round(value)) < 1e-9; }

ViewGeometry geometry_of(const Motion& motion, std::int64_t width, std::int64_t height) {
    const Size size{static_cast<double>(width), static_cast<double>(height)};
    const Affine map = map_of(motion, size);
    const Outside outside = outside_named(motion.border);
    ViewGeometry geometry(width, height);
    if (map.xx == 1 && map.yy == 1 && map.xy == 0 && whole(map.x0) && whole(map.y0)) {
        geometry.translate("animate", {{std::llround(map.x0), std::llround(map.y0)}}, width, height, outside);
        return geometry;
    }
    const Interpolation interpolation = interpolation_named(lower(motion.interpolation));
    if (outside == Outside::fill || outside == Outside::edge) {
        geometry.transform("animate", {map}, width, height, outside, interpolation);
        return geometry;
    }
    const std::int64_t margin = margin_of(map, size);
    geometry.translate("animate", {{-margin, -margin}}, width + 2 * margin, height + 2 * margin, outside);
    Affine inner = map;
    inner.x0 += static_cast<double>(margin);
    inner.y0 += static_cast<double>(margin);
    geometry.transform("animate", {inner}, width, height, Outside::edge, interpolation);
    return geometry;
}

/// The part of a width or height that a value of `shift` means.
double part_of(double value, std::int64_t length) { return std::abs(value) < 1 ? value : value / static_cast<double>(length); }

Motion motion_at(const Settings& settings, const Frame& frame) {
    const auto numbers = [&](const char* key) {
        Random stream = frame.expression_stream(settings[key].path());
        return settings[key].reals(frame.variables, stream);
    };
    const auto shift = numbers("shift"), centre = numbers("center");
    const auto& size = frame.variables.resolution;
    return {numbers("zoom")[0],     numbers("rotate")[0],      {part_of(shift[0], size[0]), part_of(shift[1], size[1])},
            {centre[0], centre[1]}, settings["border"].text(), settings["interpolation"].text()};
}

bool due(const Settings& settings, const Variables& now) {
    return settings["active"].boolean() && now.epoch > 0 && now.epoch % settings["interval"].integer() == 0 &&
           in_schedule(settings, now.epoch, now.epochs);
}

void move_state(const Motion& motion, const PixelModel& pixels, const std::vector<std::vector<std::int64_t>>& shapes,
                Optimizer& optimizer) {
    Motion soft = motion;
    soft.interpolation = lower(motion.interpolation) == "nearest" ? "nearest" : "linear";
    if (lower(motion.border) == "black") soft.border = "edge";  // moments of 0 would make the first steps there too large
    auto state = optimizer.state();
    for (auto& [name, tensors] : state) {
        for (std::size_t i = 0; i < tensors.size() && i < shapes.size(); ++i) {
            // a mean of weights that are not negative stays so
            if (pixels.is_picture(i) && tensors[i].sizes() == at::IntArrayRef(shapes[i])) tensors[i] = moved(tensors[i], soft);
        }
    }
    optimizer.set_state(std::move(state));
}

}  // namespace

Tensor moved(const Tensor& pictures, const Motion& motion) {
    const at::NoGradGuard no_grad;
    const std::int64_t planes = pictures.size(0) * pictures.size(1), height = pictures.size(2), width = pictures.size(3);
    // the sampler takes pictures of three planes
    const std::int64_t missing = (3 - planes % 3) % 3;
    Tensor rows = pictures.detach().reshape({planes, height, width});
    if (missing > 0) rows = at::cat({rows, at::zeros({missing, height, width}, rows.options())});
    const Tensor result = sample_views(rows.reshape({-1, 3, height, width}), geometry_of(motion, width, height));
    return result.reshape({-1, height, width}).narrow(0, 0, planes).reshape(pictures.sizes()).contiguous();
}

void animate(const Settings& settings, const Frame& frame, PixelModel& pixels, Optimizer& optimizer, Tensor& average) {
    if (!due(settings, frame.variables)) return;
    const at::NoGradGuard no_grad;
    const Motion motion = motion_at(settings, frame);
    std::vector<std::vector<std::int64_t>> shapes;
    for (const Tensor& parameter : pixels.parameters()) shapes.push_back(parameter.sizes().vec());
    pixels.set_image(moved(pixels.image(), motion));
    move_state(motion, pixels, shapes, optimizer);
    if (average.defined()) average = moved(average, motion);
}

}  // namespace clipig
