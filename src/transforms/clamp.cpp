#include "base/error.h"
#include "base/text.h"
#include "ops/transform.h"

namespace clipig {
namespace {

struct Clamp final : Transform {
    Real2 range{0, 1};

    [[nodiscard]] Tensor apply(const Tensor& images, const ViewRandom&) const override {
        if (range[0] > range[1]) {
            throw InputError("clamp: the lower end " + number_text(range[0]) + " is above the upper end " + number_text(range[1]) +
                             "; swap them");
        }
        return images.clamp(range[0], range[1]);
    }
};

const Register<Transform, Clamp> registration{{
                                                  .kind = "transform",
                                                  .name = "clamp",
                                                  .summary = "Limits all values to a range.",
                                                  .details = "min(max(x, low), high). The gradient of a limited value is 0.",
                                                  .example = "clamp: 0 1",
                                                  .fields = {},
                                                  .aliases = {},
                                                  .keeps_resolution = true,
                                              },
                                              {
                                                  required("range", &Clamp::range, "Lowest and highest value.").sees(kTransformGroups),
                                              }};

}  // namespace
}  // namespace clipig
