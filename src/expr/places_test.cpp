// Where complaints point, what they say about variables that are not to be seen, and complaint() itself.
#include <gtest/gtest.h>

#include "expr/test_support.h"

namespace clipig::test {
namespace {

TEST(Groups, ANameOfAnotherGroupIsExplained) {
    const std::string path = "targets[0].transforms[0].blur.sigma";
    EXPECT_EQ(
        error_of("t + similarity", kTime | kResolution | kLearnrate, path),
        "a.yaml:2:15: error: 'similarity' is not available here: 'targets[0].transforms[0].blur.sigma' sees time, resolution, learnrate\n"
        "  - weight: t + similarity\n"
        "                ^~~~~~~~~~\n");
    EXPECT_EQ(error_of("ts(0, 1)", kNoVariables, "epochs"),
              "a.yaml:2:11: error: 'ts' is not available here: 'epochs' sees no variables\n"
              "  - weight: ts(0, 1)\n"
              "            ^~\n");
    EXPECT_EQ(error_of("x", kTime, ""),
              "a.yaml:2:11: error: 'x' is not available here: this expression sees time\n"
              "  - weight: x\n"
              "            ^\n");
}

TEST(Groups, OnlyVisibleNamesAreSuggested) {
    EXPECT_NE(error_of("similarty", kSimilarity).find("did you mean 'similarity'?"), std::string::npos);
    EXPECT_EQ(error_of("similarty", kTime).find("similarity"), std::string::npos);
}

TEST(Places, APathMayBeEmpty) {
    EXPECT_EQ(error_of("1/0", kTime, ""),
              "a.yaml:2:12: error: division by zero in '1/0'\n"
              "  - weight: 1/0\n"
              "             ^\n");
    EXPECT_EQ(error_of("1 +", kTime, ""),
              "a.yaml:2:14: error: the expression ends where a value should be\n"
              "  - weight: 1 +\n"
              "               ^\n");
}

TEST(Places, LinesAreCounted) {
    try {
        (void)compile("1 +\n  2 +\n  'ö' * tt");
        FAIL();
    } catch (const ConfigError& error) {
        const auto& diagnostic = error.diagnostics().at(0);
        EXPECT_EQ(diagnostic.at.line, 4);
        EXPECT_EQ(diagnostic.at.column, 9);
        EXPECT_EQ(diagnostic.length, 2);
    }
}

TEST(Places, MayBeUnknown) {
    try {
        (void)Expression::compile("tt", {}, "weight", kTime);
        FAIL();
    } catch (const ConfigError& error) {
        EXPECT_STREQ(error.what(), "error: unknown name 'tt' in weight\n  hint: did you mean 't'?\n");
    }
}

TEST(Places, EmptyTextsAndStrangeBytes) {
    EXPECT_NE(error_of("").find("empty expression in targets[0].weight"), std::string::npos);
    EXPECT_NE(error_of(" \t ").find("empty expression"), std::string::npos);
    EXPECT_NE(error_of(std::string("1\0+", 3)).find("unexpected character '\\x00'"), std::string::npos);
    EXPECT_NE(error_of("1 \xff 2").find("unexpected character '\\xff'"), std::string::npos);
    EXPECT_NE(error_of("'\xe6\x97").find("no end"), std::string::npos);
    EXPECT_EQ(repr_of("'\xe6\x97'[1]"), "'\\x97'") << "each byte that is not UTF-8 counts as a character";
    EXPECT_EQ(repr_of("len('\xe6\x97')"), "2");
}

TEST(Places, LongExpressionsAreShortenedInMessages) {
    std::string text = "1/0";
    for (int i = 0; i < 100; ++i) text += " + 10";
    try {
        (void)evaluate(text);
        FAIL();
    } catch (const ConfigError& error) {
        const std::string& message = error.diagnostics().at(0).message;
        EXPECT_LT(message.size(), 180u);
        EXPECT_NE(message.find(" ... "), std::string::npos);
    }
}

TEST(Places, ErrorsAreCollectedUpToTwenty) {
    std::string text = "foo";
    for (int i = 0; i < 100; ++i) text += " + foo";
    try {
        (void)compile(text);
        FAIL();
    } catch (const ConfigError& error) {
        EXPECT_EQ(error.diagnostics().size(), 20u);
    }
}

TEST(Complaint, HasTheExpressionAndItsValues) {
    const auto expression = compile("[epoch, t]");
    EXPECT_EQ(render(expression.complaint("expected a float, not a list", example_variables())),
              "a.yaml:2:11: error: expected a float, not a list in targets[0].weight: '[epoch, t]'\n"
              "  - weight: [epoch, t]\n"
              "            ^~~~~~~~~~\n"
              "  hint: with epoch = 7, t = 0.5\n");
    EXPECT_EQ(compile("'a'").complaint("expected a float", example_variables()).hint, "");
}

TEST(Complaint, ErrorsAreInputErrors) {
    try {
        (void)evaluate("1/0");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.exit_code(), 2);
    }
}

}  // namespace
}  // namespace clipig::test
