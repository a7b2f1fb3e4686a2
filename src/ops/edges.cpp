#include "ops/edges.h"

#include <vector>

#include "ops/device_copy.h"

namespace clipig {

std::int64_t reflected(std::int64_t i, std::int64_t length) {
    if (length == 1) return 0;
    i = wrapped(i, 2 * (length - 1));
    return i < length ? i : 2 * (length - 1) - i;
}

std::int64_t wrapped(std::int64_t i, std::int64_t length) { return ((i % length) + length) % length; }

Tensor extended(const Tensor& images, std::int64_t dimension, std::int64_t begin, std::int64_t end,
                std::int64_t (*place)(std::int64_t, std::int64_t)) {
    std::vector<std::int64_t> index;
    for (std::int64_t i = begin; i < end; ++i) index.push_back(place(i, images.size(dimension)));
    return images.index_select(dimension, copy_to_device(at::tensor(index, at::kLong), images.options().dtype(at::kLong)));
}

}  // namespace clipig
