#include "optimizers/rmsprop_update.h"

namespace clipig {
namespace {

struct Rmsprop final : RmspropUpdate {
    [[nodiscard]] double base_rate() const override { return 0.003; }
};

const Register<Optimizer, Rmsprop> registration{
    {
        .kind = "optimizer",
        .name = "rmsprop",
        .summary = "RMSprop, centered and with a little momentum.",
        .details =
            "s = alpha s + (1 - alpha) g^2, a = alpha a + (1 - alpha) g, b = momentum b + g / (sqrt(s - a^2) + eps), x -= rate b; not "
            "centered: without a. Base rate 0.003. Graves, arXiv:1308.0850.",
        .example = "rmsprop: {momentum: .5}",
        .fields = {},
        .aliases = {"rmsprob"},
    },
    rmsprop_fields<Rmsprop>("0.1", "true")};

}  // namespace
}  // namespace clipig
