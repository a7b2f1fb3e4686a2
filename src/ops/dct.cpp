#include "ops/dct.h"

#include <cmath>
#include <numbers>
#include <vector>

#include "ops/device_copy.h"

namespace clipig {
namespace {

/// 0 2 4 ... 5 3 1, or where each index has gone.
Tensor even_then_odd(std::int64_t length, bool inverse, at::Device device) {
    std::vector<std::int64_t> order, places(static_cast<std::size_t>(length));
    for (std::int64_t i = 0; i < length; i += 2) order.push_back(i);
    for (std::int64_t i = length - 1 - length % 2; i > 0; i -= 2) order.push_back(i);
    for (std::size_t i = 0; i < order.size(); ++i) places[static_cast<std::size_t>(order[i])] = static_cast<std::int64_t>(i);
    return copy_to_device(at::tensor(inverse ? places : order, at::kLong), at::TensorOptions(device).dtype(at::kLong));
}

/// Cosines and sines of pi k / 2N, times the norm sqrt(2/N) (sqrt(1/N) for k = 0).
struct Twiddle {
    Tensor cosine, sine;
};

Twiddle twiddle(const Tensor& like, bool inverse) {
    const std::int64_t length = like.size(-1);
    std::vector<double> c, s;
    for (std::int64_t k = 0; k < length; ++k) {
        const double angle = std::numbers::pi * static_cast<double>(k) / (2 * static_cast<double>(length));
        const double norm = std::sqrt((k == 0 ? 1.0 : 2.0) / static_cast<double>(length));
        const double factor = inverse ? 1 / norm : norm;
        c.push_back(std::cos(angle) * factor);
        s.push_back(std::sin(angle) * factor);
    }
    return {copy_to_device(at::tensor(c, at::kDouble), like.options()), copy_to_device(at::tensor(s, at::kDouble), like.options())};
}

Tensor forward_rows(const Tensor& rows) {
    const Tensor waves = at::fft_fft(rows.index_select(-1, even_then_odd(rows.size(-1), false, rows.device())));
    const auto [cosine, sine] = twiddle(rows, false);
    return at::real(waves) * cosine + at::imag(waves) * sine;
}

Tensor inverse_rows(const Tensor& rows) {
    const std::int64_t length = rows.size(-1);
    const auto [cosine, sine] = twiddle(rows, true);
    // V_k = exp(i pi k / 2N) (X_k - i X_(N-k)), where X_N = 0; both X with the norm of their own index, equal but for k = 0
    Tensor mirrored = at::zeros_like(rows);
    if (length > 1) mirrored = at::cat({rows.narrow(-1, 0, 1) * 0, rows.narrow(-1, 1, length - 1).flip({-1})}, -1);
    const Tensor waves = at::complex(rows * cosine + mirrored * sine, rows * sine - mirrored * cosine);
    return at::real(at::fft_ifft(waves)).index_select(-1, even_then_odd(length, true, rows.device()));
}

}  // namespace

Tensor dct2(const Tensor& pictures) {
    return forward_rows(forward_rows(pictures.contiguous()).transpose(-1, -2).contiguous()).transpose(-1, -2).contiguous();
}

Tensor inverse_dct2(const Tensor& coefficients) {
    return inverse_rows(inverse_rows(coefficients.contiguous()).transpose(-1, -2).contiguous()).transpose(-1, -2).contiguous();
}

}  // namespace clipig
