#include "expr/variables.h"

#include <algorithm>
#include <limits>
#include <numbers>

#include "base/text.h"

namespace clipig {

double Variables::time() const { return static_cast<double>(epoch) / static_cast<double>(std::max<std::int64_t>(1, epochs - 1)); }

namespace expr {
namespace {

template <int power>
Value time_power(const Variables& variables) {
    double result = 1;
    for (int i = 0; i < power; ++i) result *= variables.time();
    return result;
}

template <int power>
Value inverse_power(const Variables& variables) {
    double result = 1;
    for (int i = 0; i < power; ++i) result *= 1 - variables.time();
    return result;
}

}  // namespace

const std::vector<VariableName>& variable_names() {
    static const std::vector<VariableName> names{
        {"epoch", nullptr, kTime, [](const Variables& v) { return Value(v.epoch); }, "number of the epoch, an int from 0"},
        {"time", "t", kTime, time_power<1>, "progress of the run from 0 to 1: epoch / max(1, epochs - 1)"},
        {"time2", "t2", kTime, time_power<2>, "time to the power of 2"},
        {"time3", "t3", kTime, time_power<3>, "time to the power of 3"},
        {"time4", "t4", kTime, time_power<4>, "time to the power of 4"},
        {"time5", "t5", kTime, time_power<5>, "time to the power of 5"},
        {"time_inverse", "ti", kTime, inverse_power<1>, "1 - time: from 1 down to 0"},
        {"time_inverse2", "ti2", kTime, inverse_power<2>, "time_inverse to the power of 2"},
        {"time_inverse3", "ti3", kTime, inverse_power<3>, "time_inverse to the power of 3"},
        {"time_inverse4", "ti4", kTime, inverse_power<4>, "time_inverse to the power of 4"},
        {"time_inverse5", "ti5", kTime, inverse_power<5>, "time_inverse to the power of 5"},
        {"resolution", "res", kResolution,
         [](const Variables& v) {
             return Value(ValueList{v.resolution[0], v.resolution[1]});
         },
         "[width, height] of the training image in pixels"},
        {"width", nullptr, kResolution, [](const Variables& v) { return Value(v.resolution[0]); }, "width of the training image in pixels"},
        {"height", nullptr, kResolution, [](const Variables& v) { return Value(v.resolution[1]); },
         "height of the training image in pixels"},
        {"learnrate", "lr", kLearnrate, [](const Variables& v) { return Value(v.learnrate); }, "the effective learning rate now in use"},
        {"learnrate_scale", "lrs", kLearnrate, [](const Variables& v) { return Value(v.learnrate_scale); },
         "the value of learnrate_scale now in use"},
        {"similarity", "sim", kSimilarity, [](const Variables& v) { return Value(v.similarity); },
         "100 x cosine of the view with the feature, or the mean over the target's features: -100 to 100"},
        {"x", nullptr, kPosition, [](const Variables& v) { return Value(v.x); }, "horizontal position in the image, 0 left to 1 right"},
        {"y", nullptr, kPosition, [](const Variables& v) { return Value(v.y); }, "vertical position in the image, 0 top to 1 bottom"},
    };
    return names;
}

const VariableName* find_variable(std::string_view name) {
    for (const auto& variable : variable_names()) {
        if (name == variable.name || (variable.alias != nullptr && name == variable.alias)) return &variable;
    }
    return nullptr;
}

const std::vector<ConstantName>& constant_names() {
    static const std::vector<ConstantName> names{
        {"pi", true, std::numbers::pi, "3.14159..., half a turn in radians"},
        {"tau", true, 2 * std::numbers::pi, "6.28318..., a full turn in radians"},
        {"e", true, std::numbers::e, "2.71828..., base of the natural logarithm"},
        {"inf", true, std::numeric_limits<double>::infinity(), "infinity"},
        {"nan", true, std::numeric_limits<double>::quiet_NaN(), "not a number"},
        {"True", false, true, "truth, counts as 1"},
        {"False", false, false, "falsehood, counts as 0"},
        {"None", false, Value(), "no value"},
    };
    return names;
}

const ConstantName* find_constant(std::string_view name) {
    for (const auto& constant : constant_names()) {
        if (name == constant.name) return &constant;
    }
    return nullptr;
}

std::string group_text(unsigned groups) {
    std::vector<std::string> names;
    if (groups & kTime) names.emplace_back("time");
    if (groups & kResolution) names.emplace_back("resolution");
    if (groups & kLearnrate) names.emplace_back("learnrate");
    if (groups & kSimilarity) names.emplace_back("similarity");
    if (groups & kPosition) names.emplace_back("x and y");
    return names.empty() ? "no variables" : join(names, ", ");
}

}  // namespace expr
}  // namespace clipig
