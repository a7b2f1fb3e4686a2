// pixels: palette - a few colours, pixel art.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "ops/pixel_model.h"
#include "ops/resample.h"

namespace clipig {
namespace {

struct Palette final : PixelModel {
    std::int64_t colors = 8;
    std::optional<std::vector<double>> palette;
    bool learn = true;
    std::int64_t pixel_size = 1;
    double sharpness = 8;

    void set_image(const Tensor& image) override {
        const at::NoGradGuard no_grad;
        height_ = image.size(2);
        width_ = image.size(3);
        const Tensor grid = resize_images(image.detach(), cells(height_), cells(width_), "linear", true).contiguous();
        const Tensor chosen = parameters_.empty() ? first_colours(grid) : fitted(grid, colours(), learn ? 4 : 0);
        take(grid, chosen);
    }

    [[nodiscard]] Tensor image() const override {
        const Tensor table = colours().unsqueeze(-1).unsqueeze(-1);   // [C,3,1,1]
        const Tensor soft = (parameters_[0] * sharpness).softmax(0);  // [C,1,h,w]
        const Tensor hard = at::zeros_like(soft.detach()).scatter_(0, parameters_[0].detach().argmax(0, true), 1);
        const Tensor mixed = paint(soft, table), discrete = paint(hard, table);
        // shows the discrete picture; its gradient is half that of the mixture and half its own
        const Tensor cells = (mixed + discrete) / 2 + ((discrete - mixed) / 2).detach();
        return enlarged(cells);
    }

    [[nodiscard]] std::array<std::int64_t, 2> size() const override { return {width_, height_}; }
    [[nodiscard]] std::vector<Tensor>& parameters() override { return parameters_; }

    /// Choices are enlarged as pictures of their own, so that edges do not get colours from between.
    void resize(std::int64_t height, std::int64_t width, const std::string& interpolation) override {
        const at::NoGradGuard no_grad;
        height_ = height;
        width_ = width;
        const Tensor scores = parameters_[0].detach();
        parameters_[0] = resized_planes(scores, interpolation).set_requires_grad(true);
    }

    [[nodiscard]] Tensor resize_state(std::size_t index, const Tensor& state, bool non_negative) const override {
        if (index != 0) return state;
        const Tensor resized = resized_planes(state, "linear");
        return non_negative ? resized.clamp_min(0) : resized;
    }

    [[nodiscard]] bool is_picture(std::size_t index) const override { return index == 0; }

private:
    [[nodiscard]] std::int64_t cells(std::int64_t length) const { return (length + pixel_size - 1) / pixel_size; }

    [[nodiscard]] const Tensor& colours() const { return learn ? parameters_[1] : fixed_; }

    /// weights [C,1,h,w], table [C,3,1,1] -> [1,3,h,w]. Expanded step by step: the gradient of the table is summed row by row.
    [[nodiscard]] static Tensor paint(const Tensor& weights, const Tensor& table) {
        const std::int64_t count = table.size(0), height = weights.size(2), width = weights.size(3);
        return (weights * table.expand({count, 3, height, 1}).expand({count, 3, height, width})).sum({0}, true);
    }

    [[nodiscard]] Tensor enlarged(const Tensor& grid) const {
        if (pixel_size == 1) return grid;
        const std::int64_t h = grid.size(2), w = grid.size(3);
        const Tensor blocks =
            grid.view({1, 3, h, 1, w, 1}).expand({1, 3, h, pixel_size, w, 1}).expand({1, 3, h, pixel_size, w, pixel_size});
        return blocks.reshape({1, 3, h * pixel_size, w * pixel_size}).narrow(2, 0, height_).narrow(3, 0, width_);
    }

    /// Planes [C,1,h,w] to the present grid, three at a time.
    [[nodiscard]] Tensor resized_planes(const Tensor& planes, const std::string& interpolation) const {
        std::vector<Tensor> parts;
        for (std::int64_t k = 0; k < planes.size(0); ++k) {
            const Tensor three = planes[k].unsqueeze(0).expand({1, 3, planes.size(2), planes.size(3)}).contiguous();
            parts.push_back(resize_images(three, cells(height_), cells(width_), interpolation, true).narrow(1, 0, 1));
        }
        return at::cat(parts, 0).contiguous();
    }

    [[nodiscard]] Tensor first_colours(const Tensor& grid) const {
        if (palette && !palette->empty()) {
            if (palette->size() % 3 != 0)
                throw InputError("palette: `palette` lists red, green and blue of each colour, so 3, 6, 9 ... numbers");
            return at::tensor(*palette, at::kDouble).to(grid.options()).view({-1, 3});
        }
        // start: pixels at equal steps of brightness
        const Tensor flat = grid[0].flatten(1);  // [3,n]
        const Tensor order = std::get<1>((flat[0] * .299 + flat[1] * .587 + flat[2] * .114).sort(true, 0, false));
        std::vector<Tensor> rows;
        for (std::int64_t k = 0; k < colors; ++k) {
            const auto place =
                static_cast<std::int64_t>((static_cast<double>(k) + .5) / static_cast<double>(colors) * static_cast<double>(order.numel()));
            rows.push_back(flat.select(1, order[place].item<std::int64_t>()));
        }
        return fitted(grid, at::stack(rows), 12);
    }

    /// [C,1,h,w]: squared distance of each cell to each colour.
    [[nodiscard]] static Tensor distances(const Tensor& grid, const Tensor& table) {
        return (grid - table.unsqueeze(-1).unsqueeze(-1)).square().sum({1}, true);
    }

    /// Rounds of k-means; a colour without pixels stays.
    [[nodiscard]] static Tensor fitted(const Tensor& grid, Tensor table, int rounds) {
        table = table.detach().clone();
        for (int round = 0; round < rounds; ++round) {
            const Tensor nearest = distances(grid, table).argmin(0)[0];
            for (std::int64_t k = 0; k < table.size(0); ++k) {
                const Tensor mine = (nearest == k).to(grid.scalar_type());
                const double count = mine.sum(-1).to(at::kDouble).sum().item<double>();
                if (count > 0) table[k].copy_((grid[0] * mine).sum(-1).sum(-1) / count);
            }
        }
        return table;
    }

    void take(const Tensor& grid, const Tensor& table) {
        // -distance, so that the nearest colour wins; the square root keeps near ones apart
        const Tensor scores = -distances(grid, table).add(1e-12).sqrt();
        parameters_ = {scores.contiguous().set_requires_grad(true)};
        fixed_ = table.contiguous();
        if (learn) parameters_.push_back(fixed_.clone().set_requires_grad(true));
    }

    std::vector<Tensor> parameters_;  // scores [C,1,h,w] and, when learned, colours [C,3]
    Tensor fixed_;
    std::int64_t height_ = 0, width_ = 0;
};

const Register<PixelModel, Palette> registered{
    {.kind = "pixels",
     .name = "palette",
     .summary = "A few colours for the whole picture, and a choice among them for each pixel: pixel art.",
     .details =
         "Every pixel holds a score for each colour and shows the colour of the highest one. The gradient is half that of this picture\n"
         "and half that of the mixture by softmax(sharpness * score), so that other colours get their chance. Without `palette` the\n"
         "colours are those that fit the initial picture best.",
     .example = "pixels: {palette: {colors: 8, pixel_size: 4}}",
     .fields = {},
     .gradient_note = "the picture shows the best colour, the gradient is in part that of a mixture"},
    {field("colors", &Palette::colors, "8", "How many colours, when `palette` does not list them.").at_least(1).at_most(256),
     field("palette", &Palette::palette, "null", "The colours to begin with: red, green and blue of each.").unit("0..1"),
     field("learn", &Palette::learn, "true", "Whether the colours change too."),
     field("pixel_size", &Palette::pixel_size, "1", "Side of a square of one colour.").at_least(1).unit("pixels"),
     field("sharpness", &Palette::sharpness, "8", "Higher: the gradient looks more at the shown colour only.").more_than(0)}};

}  // namespace
}  // namespace clipig
