#include "engine/initial.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "engine/feature.h"
#include "image/convert.h"
#include "ops/planes.h"
#include "ops/resample.h"

namespace clipig {
namespace {

Tensor per_channel(const Settings& init, const char* name) {
    Random unused({});
    return at::tensor(init[name].reals({}, unused), at::kFloat).view({1, 3, 1, 1});
}

/// Scaled to cover height x width, then the middle cut out.
Tensor cover(const Tensor& image, std::int64_t height, std::int64_t width) {
    const double scale = std::max(static_cast<double>(height) / static_cast<double>(image.size(2)),
                                  static_cast<double>(width) / static_cast<double>(image.size(3)));
    const auto scaled = [scale](std::int64_t size, std::int64_t least) {
        return std::max(least, static_cast<std::int64_t>(std::llround(static_cast<double>(size) * scale)));
    };
    const std::int64_t h = scaled(image.size(2), height);
    const std::int64_t w = scaled(image.size(3), width);
    const Tensor resized = h == image.size(2) && w == image.size(3) ? image : resize_images(image, h, w, "cubic", true);
    return resized.narrow(2, (h - height) / 2, height).narrow(3, (w - width) / 2, width);
}

[[noreturn]] void bad_tensor(const Node& node, const std::string& message) {
    throw ConfigError(Diagnostic{node.at, "init.image_tensor " + message, "it is a nested list [3][height][width] of numbers"});
}

float number_of(const Node& node) {
    float value = 0;
    const auto text = trim(node.scalar);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (node.kind != NodeKind::scalar || error != std::errc{} || end != text.data() + text.size())
        bad_tensor(node, "has an entry that is no number");
    return value;
}

/// A nested list [3][H][W] as [1,3,H,W].
Tensor listed_tensor(const Node& node) {
    if (node.kind != NodeKind::sequence || node.items.size() != 3) bad_tensor(node, "needs 3 channels");
    const std::size_t height = node.items[0].items.size();
    const std::size_t width = height == 0 ? 0 : node.items[0].items[0].items.size();
    if (width == 0) bad_tensor(node, "is empty");
    std::vector<float> data;
    for (const Node& channel : node.items) {
        if (channel.items.size() != height) bad_tensor(channel, "has channels of different heights");
        for (const Node& row : channel.items) {
            if (row.items.size() != width) bad_tensor(row, "has rows of different widths");
            for (const Node& entry : row.items) data.push_back(number_of(entry));
        }
    }
    return at::tensor(data).view({1, 3, static_cast<std::int64_t>(height), static_cast<std::int64_t>(width)});
}

Tensor noise(std::uint64_t seed, std::int64_t height, std::int64_t width) {
    Tensor result = at::empty({1, 3, height, width}, at::kFloat);
    RandomAddress address;
    address.seed = seed;
    address.target = kInitStream;
    fill_normal(address, result.data_ptr<float>(), static_cast<std::size_t>(result.numel()));
    return result;
}

}  // namespace

Tensor initial_image(const Settings& init, std::uint64_t seed, std::int64_t width, std::int64_t height) {
    std::int64_t first_width = width;
    std::int64_t first_height = height;
    if (!init["resolution"].null()) {
        Random unused({});
        const auto size = init["resolution"].integers({}, unused);
        first_width = size[0];
        first_height = size[1];
    }
    Tensor image;
    const auto listed = init.raw.find("image_tensor");
    if (!init["image"].null()) {
        image = cover(image_tensor(to_planes(picture_of(init["image"]))), first_height, first_width);
    } else if (listed != init.raw.end() && listed->second.kind != NodeKind::null) {
        image = cover(listed_tensor(listed->second), first_height, first_width);
    } else {
        image = noise(seed, first_height, first_width);
    }
    image = image * per_channel(init, "std") + per_channel(init, "mean");
    if (first_width != width || first_height != height) image = resize_images(image, height, width, "cubic", true);
    return image.clamp(0, 1).contiguous();
}

}  // namespace clipig
