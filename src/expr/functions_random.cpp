// The drawing functions of Python's random module, fed by the run's own stream (so the numbers are not Python's).
#include <array>
#include <cmath>

#include "expr/functions.h"

namespace clipig::expr {
namespace {

/// Uniform in low..high, both included; the span may be all of the 64 bits.
std::int64_t draw_integer(Random& random, std::int64_t low, std::int64_t high) {
    const std::uint64_t span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    std::uint64_t drawn = 0;
    if (span == UINT64_MAX) {
        const std::uint64_t upper = random.bits();
        drawn = (upper << 32) | random.bits();
    } else {
        drawn = random.below(span + 1);
    }
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + drawn);
}

Value random_function(const Call& call) { return call.runtime.random.uniform(); }

Value uniform(const Call& call) {
    const double a = call.real(0);
    const double b = call.real(1);
    return a + (b - a) * call.runtime.random.uniform();
}

Value randint(const Call& call) {
    const std::int64_t low = call.integer(0);
    const std::int64_t high = call.integer(1);
    if (low > high) call.wrong("has nothing to draw from: " + std::to_string(low) + " is above " + std::to_string(high));
    return draw_integer(call.runtime.random, low, high);
}

Value randrange(const Call& call) {
    const std::int64_t start = call.missing(1) ? 0 : call.integer(0);
    const std::int64_t stop = call.missing(1) ? call.integer(0) : call.integer(1);
    const std::int64_t step = call.integer(2, 1);
    if (step == 0) call.wrong("needs a step that is not 0");
    if (step > 0 ? start >= stop : start <= stop) call.wrong("has nothing to draw from: the range is empty");
    // unsigned, because the width may be up to 2^64 - 1
    const auto from = static_cast<std::uint64_t>(start);
    const auto to = static_cast<std::uint64_t>(stop);
    const std::uint64_t width = step > 0 ? to - from : from - to;
    const std::uint64_t stride = step > 0 ? static_cast<std::uint64_t>(step) : 0 - static_cast<std::uint64_t>(step);
    const std::uint64_t drawn = call.runtime.random.below((width - 1) / stride + 1) * stride;
    return static_cast<std::int64_t>(step > 0 ? from + drawn : from - drawn);
}

Value choice(const Call& call) {
    const ValueList entries = entries_of(call[0], call.runtime);
    if (entries.empty()) call.wrong("has nothing to draw from");
    return entries[call.runtime.random.below(entries.size())];
}

Value gauss(const Call& call) { return call.real(0, 0) + call.real(1, 1) * call.runtime.random.normal(); }

Value triangular(const Call& call) {
    double low = call.real(0, 0);
    double high = call.real(1, 1);
    double u = call.runtime.random.uniform();
    if (high == low) return low;
    double mode = call.missing(2) ? 0.5 : (call.real(2) - low) / (high - low);
    if (u > mode) {
        u = 1 - u;
        mode = 1 - mode;
        std::swap(low, high);
    }
    if (u * mode < 0) call.domain_error();
    return low + (high - low) * std::sqrt(u * mode);
}

/// Gamma distribution of scale 1: Marsaglia and Tsang, "A simple method for generating gamma variables", 2000.
double draw_gamma(Random& random, double shape) {
    if (shape < 1) {
        const double boosted = draw_gamma(random, shape + 1);
        return boosted * std::pow(1 - random.uniform(), 1 / shape);
    }
    const double d = shape - 1.0 / 3;
    const double c = 1 / std::sqrt(9 * d);
    // above 0.95 of the trials are taken, so the limit is never met; it only bounds the loop
    for (int trial = 0; trial < 1000; ++trial) {
        const double x = random.normal();
        const double v = std::pow(1 + c * x, 3);
        if (v <= 0) continue;
        const double u = 1 - random.uniform();
        if (std::log(u) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v;
    }
    return d;
}

Value betavariate(const Call& call) {
    const double alpha = call.real(0);
    const double beta = call.real(1);
    if (!(alpha > 0 && beta > 0) || std::isinf(alpha) || std::isinf(beta)) call.domain_error();
    const double y = draw_gamma(call.runtime.random, alpha);
    const double z = draw_gamma(call.runtime.random, beta);
    return y > 0 ? y / (y + z) : 0.0;
}

Value expovariate(const Call& call) {
    const double rate = call.real(0, 1);
    if (rate == 0) fail("division by zero, expovariate(0),");
    return -std::log(1 - call.runtime.random.uniform()) / rate;
}

constexpr std::array kRows{
    FunctionRow{"random()", random_function, "draws a float from 0 to below 1"},
    FunctionRow{"uniform(a, b)", uniform, "draws a float between a and b"},
    FunctionRow{"randint(a, b)", randint, "draws an int from a to b, both included"},
    FunctionRow{"randrange(start, stop=None, step=1)", randrange, "draws an int from start (or 0) to below stop"},
    FunctionRow{"choice(entries)", choice, "draws an entry of a list"},
    FunctionRow{"gauss(mu=0.0, sigma=1.0)", gauss, "draws from the normal distribution"},
    FunctionRow{"normalvariate(mu=0.0, sigma=1.0)", gauss, "draws from the normal distribution"},
    FunctionRow{"triangular(low=0.0, high=1.0, mode=None)", triangular, "draws between low and high, most often near mode"},
    FunctionRow{"betavariate(alpha, beta)", betavariate, "draws from the beta distribution, 0 to 1"},
    FunctionRow{"expovariate(lambd=1.0)", expovariate, "draws from the exponential distribution with mean 1 / lambd"},
};

}  // namespace

std::span<const FunctionRow> random_functions() { return kRows; }

}  // namespace clipig::expr
