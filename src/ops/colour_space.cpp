#include "ops/colour_space.h"

#include <algorithm>
#include <cmath>

namespace clipig {
namespace {

using Matrix = std::array<std::array<double, 3>, 3>;

Matrix inverse_of(const Matrix& m) {
    Matrix result{};
    double determinant = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t j = 0; j < 3; ++j) {
            const std::size_t a = (j + 1) % 3, b = (j + 2) % 3, c = (i + 1) % 3, d = (i + 2) % 3;
            result[i][j] = m[a][c] * m[b][d] - m[a][d] * m[b][c];  // adjugate
        }
    }
    for (std::size_t j = 0; j < 3; ++j) determinant += m[0][j] * result[j][0];
    for (auto& row : result) {
        for (double& entry : row) entry /= determinant;
    }
    return result;
}

Matrix decorrelating(double colors) {
    Matrix m{{{.26, .09, .02}, {.27, 0, -.05}, {.27, -.09, .03}}};
    for (auto& row : m) row[0] /= colors;
    double largest = 0;
    for (std::size_t j = 0; j < 3; ++j) largest = std::max(largest, std::hypot(m[0][j], m[1][j], m[2][j]));
    for (auto& row : m) {
        for (double& entry : row) entry /= largest;
    }
    return m;
}

Matrix saturating(double colors) {
    Matrix m{};
    for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t j = 0; j < 3; ++j) m[i][j] = (i == j ? colors : 0) + (1 - colors) / 3;
    }
    return m;
}

}  // namespace

ColourSpace::ColourSpace(bool decorrelate, double colors)
    : identity_(!decorrelate && colors == 1),
      forward_(decorrelate ? decorrelating(colors) : saturating(colors)),
      inverse_(inverse_of(forward_)) {}

Tensor ColourSpace::to_rgb(const Tensor& axes) const { return identity_ ? axes : multiply(forward_, axes); }

Tensor ColourSpace::from_rgb(const Tensor& rgb) const { return identity_ ? rgb : multiply(inverse_, rgb); }

/// Plane by plane, not as a matrix product: the sums then have one order for any number of threads.
Tensor ColourSpace::multiply(const Matrix& matrix, const Tensor& planes) {
    std::vector<Tensor> rows;
    for (const auto& row : matrix) {
        rows.push_back(planes.narrow(1, 0, 1) * row[0] + planes.narrow(1, 1, 1) * row[1] + planes.narrow(1, 2, 1) * row[2]);
    }
    return at::cat(rows, 1);
}

}  // namespace clipig
