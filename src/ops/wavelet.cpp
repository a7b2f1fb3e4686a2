#include "ops/wavelet.h"

#include <cmath>

#include "base/error.h"

namespace clipig {
namespace {

/// g_k = (-1)^k h_(n-1-k): the high-pass filter that is orthogonal to h and to its shifts by two.
std::vector<double> high_pass(const std::vector<double>& low) {
    std::vector<double> high(low.rbegin(), low.rend());
    for (std::size_t k = 1; k < high.size(); k += 2) high[k] = -high[k];
    return high;
}

/// [...,N] -> low half and high half of the last dimension: a_n = sum_k h_k x_(2n+k).
Tensor split_rows(const Tensor& x, const std::vector<double>& low) {
    const auto high = high_pass(low);
    const Tensor pairs = x.reshape({-1, x.size(-1) / 2, 2});
    Tensor a, d;
    for (std::size_t k = 0; k < low.size(); ++k) {
        const Tensor part = pairs.select(-1, static_cast<std::int64_t>(k % 2)).roll({-static_cast<std::int64_t>(k / 2)}, {-1});
        a = a.defined() ? a + part * low[k] : part * low[k];
        d = d.defined() ? d + part * high[k] : part * high[k];
    }
    return at::cat({a, d}, -1).view(x.sizes());
}

/// The transpose of split_rows, which is its inverse.
Tensor join_rows(const Tensor& x, const std::vector<double>& low) {
    const auto high = high_pass(low);
    const std::int64_t half = x.size(-1) / 2;
    const Tensor a = x.narrow(-1, 0, half), d = x.narrow(-1, half, half);
    Tensor sides[2];
    for (std::size_t k = 0; k < low.size(); ++k) {
        const Tensor part = (a * low[k] + d * high[k]).roll({static_cast<std::int64_t>(k / 2)}, {-1});
        Tensor& side = sides[k % 2];
        side = side.defined() ? side + part : part;
    }
    return at::stack({sides[0], sides[1]}, -1).reshape(x.sizes());
}

Tensor transposed(const Tensor& x) { return x.transpose(-1, -2).contiguous(); }

Tensor corner(const Tensor& x, std::int64_t height, std::int64_t width) { return x.narrow(-2, 0, height).narrow(-1, 0, width); }

/// x with its upper left corner replaced.
Tensor with_corner(const Tensor& x, const Tensor& part) {
    const std::int64_t height = part.size(-2), width = part.size(-1);
    const Tensor upper = at::cat({part, x.narrow(-2, 0, height).narrow(-1, width, x.size(-1) - width)}, -1);
    return at::cat({upper, x.narrow(-2, height, x.size(-2) - height)}, -2);
}

}  // namespace

std::vector<double> wavelet_filter(const std::string& name) {
    const double two = std::sqrt(2.0), three = std::sqrt(3.0), ten = std::sqrt(10.0);
    if (name == "haar") return {1 / two, 1 / two};
    if (name == "db2") return {(1 + three) / (4 * two), (3 + three) / (4 * two), (3 - three) / (4 * two), (1 - three) / (4 * two)};
    if (name == "db3") {
        const double r = std::sqrt(5 + 2 * ten), n = 16 * two;
        return {(1 + ten + r) / n,          (5 + ten + 3 * r) / n, (10 - 2 * ten + 2 * r) / n,
                (10 - 2 * ten - 2 * r) / n, (5 + ten - 3 * r) / n, (1 + ten - r) / n};
    }
    throw InputError("unknown wavelet '" + name + "': use haar, db2 or db3");
}

Tensor wavelet_split(const Tensor& pictures, int levels, const std::vector<double>& filter) {
    Tensor result = pictures.contiguous();
    std::int64_t height = result.size(-2), width = result.size(-1);
    for (int level = 0; level < levels; ++level, height /= 2, width /= 2) {
        const Tensor part = corner(result, height, width).contiguous();
        result = with_corner(result, transposed(split_rows(transposed(split_rows(part, filter)), filter)));
    }
    return result;
}

Tensor wavelet_join(const Tensor& coefficients, int levels, const std::vector<double>& filter) {
    Tensor result = coefficients;
    for (int level = levels; level-- > 0;) {
        const Tensor part = corner(result, result.size(-2) >> level, result.size(-1) >> level);
        result = with_corner(result, join_rows(transposed(join_rows(transposed(part), filter)), filter));
    }
    return result;
}

}  // namespace clipig
