// Variables, drawing functions, limits and what an Expression tells about itself.
#include "expr/expression.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <set>

#include "expr/test_support.h"

namespace clipig::test {
namespace {

TEST(Variables, AreKnownByNameAndAlias) {
    EXPECT_EQ(repr_of("[epoch, time, t, time2, t2, time3, t3, time4, t4, time5, t5]"),
              "[7, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125, 0.0625, 0.0625, 0.03125, 0.03125]");
    EXPECT_EQ(repr_of("[time_inverse, ti, time_inverse2, ti2, ti3, ti4, time_inverse5, ti5]"),
              "[0.5, 0.5, 0.25, 0.25, 0.125, 0.0625, 0.03125, 0.03125]");
    EXPECT_EQ(repr_of("[resolution, res[0], width, height]"), "[[640, 480], 640, 640, 480]");
    EXPECT_EQ(repr_of("[learnrate, lr, learnrate_scale, lrs, similarity, sim, x, y]"), "[0.25, 0.25, 2.0, 2.0, 23.5, 23.5, 0.125, 0.75]");
}

TEST(Variables, TimeRunsFromZeroToOne) {
    Variables variables;
    variables.epochs = 300;
    EXPECT_EQ(variables.time(), 0);
    variables.epoch = 299;
    EXPECT_EQ(variables.time(), 1);
    variables.epoch = 0;
    variables.epochs = 1;
    EXPECT_EQ(variables.time(), 0);
    variables.epochs = 0;
    EXPECT_EQ(variables.time(), 0);
}

TEST(Variables, TimeStepRisesAndFalls) {
    EXPECT_EQ(repr_of("[time_step(.6, .8), time_step(0, 1), ts(.25, .5), ts(0, .25)]"), "[0.0, 0.5, 1.0, 1.0]");
    EXPECT_EQ(repr_of("[time_step(.8, .6), time_step(1, 0), ts(.5, .25), ts(.25, 0)]"), "[1.0, 0.5, 0.0, 0.0]");
    EXPECT_EQ(repr_of("[time_step(.5, .5), time_step(.6, .6)]"), "[1.0, 0.0]");
}

TEST(Expression, TellsWhatItUses) {
    EXPECT_EQ(compile("t + sim").uses(), static_cast<unsigned>(kTime | kSimilarity));
    EXPECT_EQ(compile("ts(0, 1)").uses(), static_cast<unsigned>(kTime));
    EXPECT_FALSE(compile("ts(0, 1)").constant());
    EXPECT_TRUE(compile("224*2").constant());
    EXPECT_FALSE(compile("random()").constant());
    EXPECT_TRUE(compile("random()").uses_random());
    EXPECT_EQ(compile("t * 2").text(), "t * 2");
    EXPECT_EQ(compile("t").path(), "targets[0].weight");
    EXPECT_EQ(compile("t").where().column, 11);
}

TEST(Expression, DrawsTheSameFromTheSameStream) {
    const auto expression = compile(
        "[random(), uniform(1, 2), randint(1, 6), randrange(0, 100, 5), choice('abc'), gauss(0, 1), normalvariate(5, 2),"
        " triangular(0, 1, .3), betavariate(2, 3), expovariate(1), random.random(), random.uniform(0, 1)]");
    Random first(RandomAddress{42});
    Random second(RandomAddress{42});
    const std::string drawn = expression.evaluate(example_variables(), first).repr();
    EXPECT_EQ(drawn, expression.evaluate(example_variables(), second).repr());
    EXPECT_NE(drawn, expression.evaluate(example_variables(), first).repr()) << "a second evaluation continues the stream";
    Random other(RandomAddress{43});
    EXPECT_NE(drawn, expression.evaluate(example_variables(), other).repr());
}

/// Mean and variance of 20000 draws.
std::pair<double, double> moments(const std::string& text) {
    constexpr int count = 20000;
    const auto expression = compile(text);
    Random random(RandomAddress{7});
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < count; ++i) {
        const double x = expression.evaluate(example_variables(), random).number();
        sum += x;
        squares += x * x;
    }
    const double mean = sum / count;
    return {mean, squares / count - mean * mean};
}

TEST(Expression, DrawsHaveTheirDistributions) {
    struct {
        const char* text;
        double mean;
        double variance;
    } cases[] = {{"random()", 0.5, 1.0 / 12},       {"uniform(-1, 3)", 1, 16.0 / 12},     {"randint(1, 6)", 3.5, 35.0 / 12},
                 {"randrange(10)", 4.5, 99.0 / 12}, {"randrange(10, 0, -3)", 5.5, 11.25}, {"choice([2, 4])", 3, 1},
                 {"gauss(2, .5)", 2, 0.25},         {"triangular(0, 1)", 0.5, 1.0 / 24},  {"triangular(0, 1, 1)", 2.0 / 3, 1.0 / 18},
                 {"betavariate(2, 3)", 0.4, 0.04},  {"betavariate(.5, .5)", 0.5, 0.125},  {"expovariate(2)", 0.5, 0.25}};
    for (const auto& c : cases) {
        const auto [mean, variance] = moments(c.text);
        // five standard errors of the mean of 20000 draws; the variance within 8 %, five of its own for the exponential
        EXPECT_NEAR(mean, c.mean, 5 * std::sqrt(c.variance / 20000)) << c.text;
        EXPECT_NEAR(variance, c.variance, 0.1 * c.variance) << c.text;
    }
}

TEST(Expression, DrawsTheWholeRangeOfInts) {
    EXPECT_TRUE(evaluate("randint(-9223372036854775808, 9223372036854775807)").is_int());
    EXPECT_EQ(repr_of("randint(9223372036854775807, 9223372036854775807)"), "9223372036854775807");
    EXPECT_TRUE(evaluate("randrange(-9223372036854775808, 9223372036854775807, 9223372036854775807)").is_int());
    EXPECT_EQ(repr_of("randrange(9223372036854775807, -9223372036854775808, -9223372036854775808)"), "9223372036854775807");
}

TEST(Expression, IsCheapToEvaluate) {
    const auto expression = compile("(1. - .95 * pow(t, 5.)) * (1 if epoch < 10 else .5)");
    Random random(RandomAddress{1});
    const auto variables = example_variables();
    const auto start = std::chrono::steady_clock::now();
    double sum = 0;
    for (int i = 0; i < 1000; ++i) sum += expression.evaluate(variables, random).number();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    EXPECT_NEAR(sum, 970.3125, 1e-9);  // a thousand additions of rounding 1e-13 at most
    // about 1 ms; a busy machine and a sanitizer may cost a factor of a hundred, a design that parses each time far more
    EXPECT_LT(taken.count(), 0.2);
}

TEST(Limits, WorkAndSizesAreBounded) {
    for (const char* text : {"'a'*10**9", "[0]*10**9", "range(10**12)", "[[0]*1000000]*1000000 == [[0]*1000000]*1000000",
                             "str([[0]*1000]*1000)", "sum([[0]*1000]*1000, [])", "len(list(range(1000000))) + len([1]*1000001)"}) {
        const std::string error = error_of(text);
        EXPECT_TRUE(error.find("result too large") != std::string::npos || error.find("too much work") != std::string::npos) << text << "\n"
                                                                                                                             << error;
    }
    EXPECT_EQ(repr_of("len([0]*1000000)"), "1000000");
    EXPECT_LE(evaluate("[[0]*1000]*1000").repr().size(), 1'000'003u);
}

TEST(Limits, IntegersNeverWrap) {
    for (const char* text : {"9**9**9",
                             "2**63",
                             "9223372036854775807 + 1",
                             "-9223372036854775808 - 1",
                             "9223372036854775807 * 2",
                             "-9223372036854775808 // -1",
                             "-(-9223372036854775808)",
                             "abs(-9223372036854775808)",
                             "factorial(21)",
                             "comb(100, 50)",
                             "perm(30)",
                             "lcm(9223372036854775807, 2)",
                             "gcd(-9223372036854775808)",
                             "int(1e19)",
                             "round(1e300)",
                             "floor(-1e19)",
                             "int('9223372036854775808')",
                             "round(9223372036854775807, -1)",
                             "9223372036854775808",
                             "prod(range(1, 30))",
                             "0x8000000000000000",
                             "sum([9223372036854775807, 1])"}) {
        EXPECT_NE(error_of(text).find("integer too large"), std::string::npos) << text << "\n" << error_of(text);
    }
    EXPECT_EQ(repr_of("-9223372036854775808 % -1"), "0");
    EXPECT_EQ(repr_of("int('-9223372036854775808')"), "-9223372036854775808");
}

TEST(Limits, NestingAndLengthAreBounded) {
    const auto nested = [](const std::string& open, const std::string& inside, const std::string& close, int count) {
        std::string text;
        for (int i = 0; i < count; ++i) text += open;
        text += inside;
        for (int i = 0; i < count; ++i) text += close;
        return text;
    };
    EXPECT_EQ(repr_of(nested("(", "1", ")", 90)), "1");
    EXPECT_EQ(repr_of(nested("1+", "1", "", 190)), "191");
    for (const auto& text :
         {nested("(", "1", ")", 3000), nested("[", "", "]", 3000), nested("-", "1", "", 3000), nested("not ", "1", "", 2000),
          nested("2**", "1", "", 3000), nested("1+", "1", "", 3000), nested("1 if 0 else ", "1", "", 500), nested("{1:", "1", "}", 2000),
          "t" + nested("[0]", "", "", 3000), nested("abs(", "1", ")", 1500)}) {
        EXPECT_NE(error_of(text).find("nested too deeply"), std::string::npos) << text.substr(0, 20) << "\n"
                                                                               << error_of(text).substr(0, 300);
    }
    EXPECT_NE(error_of(std::string(10001, '1')).find("longer than 10000 bytes"), std::string::npos);
    EXPECT_EQ(repr_of(nested("0 or ", "7", "", 1900)), "7") << "logical operators in a row do not nest";
}

TEST(Language, NamesAreUniqueAndExplained) {
    std::set<std::string> seen;
    for (const auto& name : language_names()) {
        EXPECT_TRUE(seen.insert(name.name).second) << name.name;
        EXPECT_GT(name.text.size(), 5u) << name.name;
        if (name.kind == "variable") {
            EXPECT_NO_THROW((void)compile(name.name, name.group)) << name.name;
            EXPECT_EQ(compile(name.name, name.group).uses(), name.group);
            EXPECT_THROW((void)compile(name.name, kNoVariables), ConfigError) << name.name;
        }
    }
    // dir(math) of CPython 3.11
    for (const char* name :
         {"acos", "acosh",   "asin",    "asinh",     "atan",  "atan2", "atanh", "cbrt",    "ceil",     "comb",      "copysign",  "cos",
          "cosh", "degrees", "dist",    "e",         "erf",   "erfc",  "exp",   "exp2",    "expm1",    "fabs",      "factorial", "floor",
          "fmod", "frexp",   "fsum",    "gamma",     "gcd",   "hypot", "inf",   "isclose", "isfinite", "isinf",     "isnan",     "isqrt",
          "lcm",  "ldexp",   "lgamma",  "log",       "log10", "log1p", "log2",  "modf",    "nan",      "nextafter", "perm",      "pi",
          "pow",  "prod",    "radians", "remainder", "sin",   "sinh",  "sqrt",  "tan",     "tanh",     "tau",       "trunc",     "ulp"}) {
        EXPECT_TRUE(seen.count(name)) << name;
        EXPECT_EQ(error_of(std::string("math.") + name).find("has no"), std::string::npos) << name;
    }
}

}  // namespace
}  // namespace clipig::test
