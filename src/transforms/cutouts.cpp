#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "ops/geometry.h"

namespace clipig {
namespace {

/// A square of the picture, in pixels.
struct Square {
    double x = 0, y = 0, side = 0;
};

struct Cutouts final : GeometricTransform {
    std::optional<std::int64_t> size;
    double overview = .35;
    Real2 overview_scale{.9, 1.05};
    Real2 scale{.25, 1};
    double power = 1.5;
    std::string law;
    double pad = .25;
    std::string border;
    double flip = .5;
    std::string interpolation;

    void compose(ViewGeometry& geometry, const ViewRandom& random) const override {
        const std::int64_t width = geometry.width(), height = geometry.height();
        const std::int64_t usual = random.model_side > 0 ? random.model_side : std::min<std::int64_t>(224, std::min(width, height));
        const std::int64_t side = size.value_or(usual);
        std::vector<Square> squares;
        std::vector<bool> flipped;
        for (std::int64_t view = 0; view < random.views; ++view) {
            Random stream = random.stream(view);
            squares.push_back(draw(stream, is_overview(random, view), width, height));
            flipped.push_back(stream.uniform() < flip);
        }
        const std::int64_t margin = largest_margin(width, height, side);
        geometry.translate("cutouts", {{-margin, -margin}}, width + 2 * margin, height + 2 * margin, outside_named(border));
        std::vector<Affine> maps;
        for (std::size_t i = 0; i < squares.size(); ++i) {
            const Square& s = squares[i];
            const double step = s.side / static_cast<double>(side), shift = static_cast<double>(margin);
            maps.push_back({flipped[i] ? -step : step, 0, s.x + shift + (flipped[i] ? s.side : 0), 0, step, s.y + shift});
        }
        geometry.transform("cutouts", std::move(maps), side, side, Outside::edge, interpolation_named(interpolation));
    }

private:
    /// How far views may reach beyond the picture, with room for the kernel. Not what these views need: the sums of positions
    /// would round differently for each batch.
    [[nodiscard]] std::int64_t largest_margin(std::int64_t width, std::int64_t height, std::int64_t side) const {
        const auto shorter = static_cast<double>(std::min(width, height)), longer = static_cast<double>(std::max(width, height));
        const double largest = std::max(overview_scale[0], overview_scale[1]) * longer;
        const double part = std::max(scale[0], scale[1]) * shorter;
        const double kernel = 2 * std::max(largest, part) / static_cast<double>(side);
        return static_cast<std::int64_t>(std::ceil(std::max(largest, part * (1 + pad)) + kernel)) + 2;
    }

    /// Views take turns, so that each batch holds the share as nearly as it can; each epoch begins at another place.
    [[nodiscard]] bool is_overview(const ViewRandom& random, std::int64_t view) const {
        RandomAddress turn = random.address(0);
        turn.view = 0xFFFFFFFFu;
        const double place = Random(turn).uniform() + overview * static_cast<double>(random.address(view).view);
        return place - std::floor(place) < overview;
    }

    [[nodiscard]] Square draw(Random& stream, bool whole, std::int64_t width, std::int64_t height) const {
        const auto w = static_cast<double>(width), h = static_cast<double>(height);
        const double size_draw = whole ? stream.uniform(overview_scale[0], overview_scale[1]) : part(stream);
        Square square;
        square.side = size_draw * (whole ? std::max(w, h) : std::min(w, h));
        const double beyond = whole ? 0 : pad * square.side;
        const auto place = [&](double length) {
            const double room = length - square.side;
            return stream.uniform(std::min(room, 0.0) - beyond, std::max(room, 0.0) + beyond);
        };
        square.x = place(w);
        square.y = place(h);
        return square;
    }

    /// Share of the shorter side.
    [[nodiscard]] double part(Random& stream) const {
        if (lower(law) == "uniform") return scale[0] + (scale[1] - scale[0]) * std::pow(stream.uniform(), power);
        const double drawn = std::max(0.0, .8 + .3 * stream.normal());
        return std::clamp(std::pow(drawn, power), std::min(scale[0], scale[1]), std::max(scale[0], scale[1]));
    }
};

const Register<Transform, Cutouts> registered{
    {.kind = "transform",
     .name = "cutouts",
     .summary = "Square views of many sizes: some of nearly the whole picture, the others of parts of it.",
     .details =
         "Set `batch_size` for the number of views. Views of the whole give one composition, parts give details. The side of a part\n"
         "is max(0, N(.8, .3))^power (normal) or scale[0] + (scale[1] - scale[0]) u^power (uniform), within `scale`.\n"
         "After the samplers of pytti and of K. Crowson's notebooks.",
     .example = "cutouts: {size: 64, overview: .35, power: 1 + t}",
     .fields = {},
     .random = true},
    {field("size", &Cutouts::size, "null", "Side of the views; that of the model's when not given.")
         .at_least(1)
         .at_most(1 << 15)
         .unit("pixels")
         .sees(kTransformGroups),
     field("overview", &Cutouts::overview, ".35", "Share of the views that show nearly everything.")
         .at_least(0)
         .at_most(1)
         .sees(kTransformGroups),
     field("overview_scale", &Cutouts::overview_scale, ".9 1.05", "Smallest and largest side of those, in parts of the longer side.")
         .more_than(0)
         .at_most(16)
         .sees(kTransformGroups),
     field("scale", &Cutouts::scale, ".25 1", "Smallest and largest side of the others, in parts of the shorter side.")
         .more_than(0)
         .at_most(16)
         .sees(kTransformGroups),
     field("power", &Cutouts::power, "1.5", "Higher: smaller parts.").at_least(0).at_most(64).sees(kTransformGroups),
     field("law", &Cutouts::law, "normal", "How sides are drawn: normal or uniform.").choices({"normal", "uniform"}),
     field("pad", &Cutouts::pad, ".25", "How much of a part's side may lie outside of the picture.")
         .at_least(0)
         .at_most(1)
         .sees(kTransformGroups),
     field("border", &Cutouts::border, "edge",
           "What is there: the edge's pixels, the mirrored picture, the opposite side (wrap), or black.")
         .choices({"edge", "mirror", "wrap", "black"}),
     field("flip", &Cutouts::flip, ".5", "Share of views that are mirrored left to right.").at_least(0).at_most(1).sees(kTransformGroups),
     interpolation_field<Cutouts>()}};

}  // namespace
}  // namespace clipig
