#include "optimizers/rmsprop_update.h"

namespace clipig {
namespace {

struct SparseAdam final : RmspropUpdate {
    [[nodiscard]] double base_rate() const override { return 0.01; }
};

const Register<Optimizer, SparseAdam> registration{
    {
        .kind = "optimizer",
        .name = "sparse_adam",
        .summary = "RMSprop with plain settings; the name is kept for older files.",
        .details = "s = alpha s + (1 - alpha) g^2, b = momentum b + g / (sqrt(s) + eps), x -= rate b. Base rate 0.01. "
                   "Hinton, Neural Networks for Machine Learning, lecture 6e.",
        .example = "sparse_adam: {alpha: .9}",
        .fields = {},
    },
    rmsprop_fields<SparseAdam>("0", "false")};

}  // namespace
}  // namespace clipig
