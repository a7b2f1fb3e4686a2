#include "ops/loss.h"

namespace clipig {
namespace {

struct Spherical final : Loss {
    [[nodiscard]] Tensor value(const Tensor& views, const Tensor& feature) const override {
        // clamped just inside, where the slopes of root and arc sine are finite
        const Tensor half = ((views - feature).square().sum(-1).clamp_min(1e-12).sqrt() / 2).clamp_max(1 - 1e-6);
        return half.asin().square() * 2;
    }
};

const Register<Loss, Spherical> registration{{
                                                 .kind = "loss",
                                                 .name = "spherical",
                                                 .summary = "Half the square of the angle between view and feature.",
                                                 .details = "2 asin(|v - f| / 2)^2, which is angle^2 / 2 for vectors of length 1: far "
                                                            "views pull harder than under cosine. From K. Crowson's "
                                                            "notebooks, 2021.",
                                                 .example = "loss: spherical",
                                                 .fields = {},
                                             },
                                             {}};

}  // namespace
}  // namespace clipig
