#include "ops/fixed_sum.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace clipig {
namespace {

constexpr std::int64_t kBlock = 16384;

template <class T>
double block_sums(const Tensor& a, const Tensor& b) {
    const std::int64_t count = a.numel(), blocks = (count + kBlock - 1) / kBlock;
    const T* const x = a.data_ptr<T>();
    const T* const y = b.data_ptr<T>();
    std::vector<double> sums(static_cast<std::size_t>(blocks), 0);
    at::parallel_for(0, blocks, 4, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t block = first; block < last; ++block) {
            double sum = 0;
            for (std::int64_t i = block * kBlock; i < std::min(count, (block + 1) * kBlock); ++i) {
                sum += static_cast<double>(x[i]) * static_cast<double>(y[i]);
            }
            sums[static_cast<std::size_t>(block)] = sum;
        }
    });
    double total = 0;
    for (const double sum : sums) total += sum;
    return total;
}

}  // namespace

double dot_product(const Tensor& a, const Tensor& b) {
    const at::NoGradGuard no_grad;
    const Tensor x = a.detach().contiguous(), y = b.detach().contiguous();
    if (!x.is_cpu()) return (x.to(at::kDouble) * y.to(at::kDouble)).sum().item<double>();
    if (x.scalar_type() == at::kFloat && y.scalar_type() == at::kFloat) return block_sums<float>(x, y);
    return block_sums<double>(x.to(at::kDouble), y.to(at::kDouble));
}

double root_mean_square(const Tensor& values) {
    return values.numel() == 0 ? 0 : std::sqrt(dot_product(values, values) / static_cast<double>(values.numel()));
}

}  // namespace clipig
