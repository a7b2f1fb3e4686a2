#include "ops/loss.h"

namespace clipig {
namespace {

struct L1 final : Loss {
    [[nodiscard]] Tensor value(const Tensor& views, const Tensor& feature) const override { return (views - feature).abs().mean(-1) * 100; }
};

const Register<Loss, L1> registration{{
                                          .kind = "loss",
                                          .name = "l1",
                                          .summary = "Mean absolute difference of view and feature.",
                                          .details = "100 * mean(|v - f|) over the entries of the embedding.",
                                          .example = "loss: l1",
                                          .fields = {},
                                          .aliases = {"mae"},
                                      },
                                      {}};

}  // namespace
}  // namespace clipig
