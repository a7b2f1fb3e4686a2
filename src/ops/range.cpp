#include "ops/range.h"

#include "base/error.h"
#include "base/text.h"
#include "ops/clamp_gradient.h"

namespace clipig {

Range range_named(const std::string& name) {
    const std::string word = lower(name);
    if (word == "none") return Range::none;
    if (word == "clamp") return Range::clamp;
    if (word == "sigmoid") return Range::sigmoid;
    if (word == "tanh") return Range::tanh;
    throw InputError("unknown range '" + name + "': use none, clamp, sigmoid or tanh");
}

Tensor into_range(const Tensor& v, Range range) {
    switch (range) {
        case Range::clamp: return clamp_gradient(v, 0, 1);
        case Range::sigmoid: return v.sigmoid();
        case Range::tanh: return (v.tanh() + 1) / 2;
        case Range::none: break;
    }
    return v;
}

Tensor out_of_range(const Tensor& colours, Range range) {
    if (range == Range::none || range == Range::clamp) return colours;
    constexpr double kMargin = 1.0 / 500;
    const Tensor inside = colours.clamp(kMargin, 1 - kMargin);
    const Tensor logit = (inside / (1 - inside)).log();
    return range == Range::sigmoid ? logit : logit / 2;  // tanh v = 2 sigmoid(2 v) - 1
}

double range_rate(Range range) {
    if (range == Range::sigmoid) return 4;
    if (range == Range::tanh) return 2;
    return 1;
}

}  // namespace clipig
