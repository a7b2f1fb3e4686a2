#include "ops/warp.h"

namespace clipig {
namespace {

/// Where the corners of a view lie in the picture: left upper, right upper, right lower, left lower; 0..1 is the whole.
using Corners = std::array<Real2, 4>;

/// Of the projective map from the unit square to a quadrilateral: x = (a u + b v + c) / (g u + h v + 1), y = (d u + e v + f) / (same).
/// P. Heckbert, "Fundamentals of texture mapping and image warping", 1989, section 2.2.3.
struct Projection {
    double a, b, c, d, e, f, g, h;

    explicit Projection(const Corners& q) : a(0), b(0), c(q[0][0]), d(0), e(0), f(q[0][1]), g(0), h(0) {
        const double dx1 = q[1][0] - q[2][0], dx2 = q[3][0] - q[2][0], sx = q[0][0] - q[1][0] + q[2][0] - q[3][0];
        const double dy1 = q[1][1] - q[2][1], dy2 = q[3][1] - q[2][1], sy = q[0][1] - q[1][1] + q[2][1] - q[3][1];
        const double determinant = dx1 * dy2 - dx2 * dy1;
        g = (sx * dy2 - dx2 * sy) / determinant;
        h = (dx1 * sy - sx * dy1) / determinant;
        a = q[1][0] - q[0][0] + g * q[1][0];
        b = q[3][0] - q[0][0] + h * q[3][0];
        d = q[1][1] - q[0][1] + g * q[1][1];
        e = q[3][1] - q[0][1] + h * q[3][1];
    }

    [[nodiscard]] Tensor apply(const Tensor& rest) const {
        const Tensor u = rest.select(-1, 0), v = rest.select(-1, 1), depth = u * g + v * h + 1;
        return at::stack({(u * a + v * b + c) / depth, (u * d + v * e + f) / depth}, -1);
    }
};

struct Perspective final : Transform {
    double distortion = .2;
    double p = .7;
    std::string border;

    [[nodiscard]] Tensor apply(const Tensor& images, const ViewRandom& random) const override {
        const Tensor rest = resting_positions(images.size(2), images.size(3));
        std::vector<Tensor> views;
        for (std::int64_t view = 0; view < random.views; ++view) {
            Random stream = random.stream(view);
            Corners corners{{{0, 0}, {1, 0}, {1, 1}, {0, 1}}};
            const bool bent = stream.uniform() < p;
            for (auto& corner : corners) {
                for (double& place : corner) place += stream.uniform(-distortion, distortion);
            }
            views.push_back(bent ? Projection(corners).apply(rest) : rest);
        }
        return warp(images, at::cat(views), border);
    }
};

const Register<Transform, Perspective> registered{
    {.kind = "transform",
     .name = "perspective",
     .summary = "Looks at a share of the views from a random side.",
     .details = "Each corner of the view is moved by up to `distortion` of the picture's side, inwards or outwards.",
     .example = "perspective: {distortion: .2, p: .9}",
     .fields = {},
     .keeps_resolution = true,
     .random = true},
    {field("distortion", &Perspective::distortion, ".2", "How far corners move.").at_least(0).at_most(.33).sees(kTransformGroups),
     field("p", &Perspective::p, ".7", "Share of the views.").at_least(0).at_most(1).sees(kTransformGroups),
     field("border", &Perspective::border, "mirror", "What is outside: the mirrored picture, the edge's pixels, or black.")
         .choices({"mirror", "edge", "black"})}};

}  // namespace
}  // namespace clipig
