#include "ops/loss.h"

namespace clipig {
namespace {

struct L2 final : Loss {
    [[nodiscard]] Tensor value(const Tensor& views, const Tensor& feature) const override {
        return (views - feature).square().mean(-1) * 100;
    }
};

const Register<Loss, L2> registration{{
                                          .kind = "loss",
                                          .name = "l2",
                                          .summary = "Mean squared difference of view and feature.",
                                          .details = "100 * mean((v - f)^2) over the entries of the embedding.",
                                          .example = "loss: l2",
                                          .fields = {},
                                          .aliases = {"mse"},
                                      },
                                      {}};

}  // namespace
}  // namespace clipig
