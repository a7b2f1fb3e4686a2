#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/test_schema.h"

namespace clipig {
namespace {

using test::complaints;
using test::configure;
using test::one;
using test::reals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

std::vector<std::int64_t> integers(const Settings& settings, const char* name, const Variables& variables = {}) {
    Random random{RandomAddress{}};
    return settings[name].integers(variables, random);
}

constexpr const char* kSeed = R"(
resolution: 1024
epochs: 2000

learnrate: 1.5
learnrate_scale: (1. - .95 * pow(t, 5.))   # 't' is training epoch in [0, 1] range

targets:

  - name: random sampler

    features:
      - text: some text feature to match
      - text: some text feature to avoid
        weight: -1.
      - image: /path/to/image.png
        loss: L2  # 'cosine' is default, 'L!' and 'L2' are also possible

    transforms:
      - random_scale: .1 1.
      - random_crop: 224

  - name: image adjustments
    end: 30%
    constraints:
      - mean:
          above: .1 .2 .3

# post-processing is applied after each back-propagation step
postproc:
  - blur: 3 .35
    end: 50%
)";

TEST(Validate, TheSeedsExample) {
    const Config config = configure(kSeed);
    EXPECT_THAT(integers(config.top, "resolution"), ElementsAre(1024, 1024));
    EXPECT_EQ(config.top["epochs"].integer(), 2000);
    Variables last;
    last.epoch = 1999;
    last.epochs = 2000;
    EXPECT_NEAR(reals(config.top, "learnrate_scale", last)[0], 0.05, 1e-12);
    ASSERT_EQ(config.targets.size(), 2u);
    EXPECT_EQ(config.targets[0].features[2].operators.at("loss").spec->name, "l2");
    EXPECT_EQ(config.targets[0].features[2]["loss"].text(), "l2");
    EXPECT_TRUE(config.targets[0].features[2]["text"].null());
    EXPECT_EQ(config.targets[1].settings["end"].frame_time().epoch(2000), 600);  // .3 * 1999 = 599.7
    EXPECT_THAT(reals(config.targets[1].constraints[0], "above"), ElementsAre(.1, .2, .3));
    EXPECT_TRUE(config.targets[1].constraints[0]["below"].null());
    EXPECT_THAT(integers(config.postproc[0].effect, "kernel_size"), ElementsAre(3, 3));
    EXPECT_THAT(reals(config.postproc[0].effect, "sigma"), ElementsAre(.35, .35));
    EXPECT_EQ(config.postproc[0].settings["end"].frame_time().value, .5);
    EXPECT_THAT(config.files, ElementsAre("a.yaml"));
}

TEST(Validate, ResolvedGivesTheSameConfiguration) {
    const Config config = configure(kSeed);
    const std::string text = dump_yaml(config.resolved);
    EXPECT_THAT(text, HasSubstr("learnrate_scale: (1. - .95 * pow(t, 5.))\n"));
    EXPECT_THAT(text, HasSubstr("interpolation: cubic\n"));
    const Config again = configure(text);
    EXPECT_TRUE(same_tree(again.resolved, config.resolved)) << text << "---\n" << dump_yaml(again.resolved);
    EXPECT_EQ(dump_yaml(again.resolved), text);
}

TEST(Validate, ResolvedKeepsOddEntries) {
    const Config config = configure(
        "targets:\n  - features: [{text: 'null'}, {text: yes}, {text: \"a: b\"}]\n    transforms: [edge, mul: [t, .5, 1], pad: 1 2 edge, "
        "blur: ]\n"
        "    constraints:\n      - mean: .5\n        weight: 2\n        end: 30%\noptimizer: {adam: {beta1: .8}}\npostproc: [edge, {mul: "
        ".9, end: 3}]\ninit: {image_tensor: [[[1]]]}\n");
    EXPECT_EQ(config.targets[0].features[0]["text"].text(), "null");
    EXPECT_EQ(config.targets[0].features[1]["text"].text(), "yes");
    EXPECT_EQ(config.targets[0].constraints[0]["weight"].entries().size(), 1u);
    EXPECT_EQ(config.targets[0].constraints[0]["end"].frame_time().value, .3);
    EXPECT_EQ(config.top.operators.at("optimizer")["beta1"].real(), .8);
    const std::string text = dump_yaml(config.resolved);
    EXPECT_EQ(dump_yaml(configure(text).resolved), text);
}

TEST(Validate, AnEmptyFileIsAllDefaults) {
    const Config config = configure("");
    EXPECT_EQ(config.top["epochs"].integer(), 300);
    EXPECT_TRUE(config.top["seed"].null());
    EXPECT_EQ(config.top["model"].text(), "auto");
    EXPECT_TRUE(config.top["snapshot_interval"].entries().size() == 1 &&
                std::get<Value>(config.top["snapshot_interval"].entries()[0]).is_float());
    EXPECT_EQ(config.top.operators.at("optimizer").spec->name, "adam");
    EXPECT_THAT(reals(config.init, "mean"), ElementsAre(.5, .5, .5));
}

TEST(Validate, KeysWithADotHoldAnchors) {
    const Config config = configure(".base: &base {name: x, weight: 2}\ntargets:\n  - {<<: *base, weight: 3}\n");
    EXPECT_EQ(config.targets[0].settings["name"].text(), "x");
    EXPECT_EQ(reals(config.targets[0].settings, "weight"), std::vector<double>{3});
    EXPECT_EQ(config.resolved.find(".base"), nullptr);
}

TEST(Values, NumbersAndWords) {
    EXPECT_EQ(configure("epochs: 010").top["epochs"].integer(), 10);
    EXPECT_EQ(configure("epochs: 1e3").top["epochs"].integer(), 1000);
    EXPECT_EQ(configure("epochs: 100 * 3").top["epochs"].integer(), 300);
    EXPECT_EQ(configure("epochs: 1000 / 3").top["epochs"].integer(), 333);  // as int() does with the result of an expression
    EXPECT_EQ(configure("epochs: '12'").top["epochs"].integer(), 12);
    EXPECT_TRUE(configure("deterministic: yes").top["deterministic"].boolean());
    EXPECT_FALSE(configure("deterministic: OFF").top["deterministic"].boolean());
    EXPECT_TRUE(configure("deterministic: 1 < 2").top["deterministic"].boolean());
    EXPECT_EQ(configure("device: null").top["device"].text(), "null");
    EXPECT_EQ(configure("output: 12").top["output"].text(), "12");
    const Config interval = configure("snapshot_interval: 5");
    EXPECT_TRUE(std::get<Value>(interval.top["snapshot_interval"].entries()[0]).is_int());
}

TEST(Values, ListsInOneScalar) {
    EXPECT_THAT(reals(one("mul: .1 .2 -.3"), "color"), ElementsAre(.1, .2, -.3));
    EXPECT_THAT(reals(one("mul: .1, .3, .5"), "color"), ElementsAre(.1, .3, .5));
    EXPECT_THAT(reals(one("mul: 1/5"), "color"), ElementsAre(.2, .2, .2));
    EXPECT_THAT(reals(one("mul: 1 - .75"), "color"), ElementsAre(.25, .25, .25));
    EXPECT_THAT(reals(one("mul: (1. - t) .2 max(t, .5)"), "color"), ElementsAre(1, .2, .5));
    EXPECT_THAT(reals(one("mul: [.1 + t, ti, 1 if t < .2 else .5]"), "color"), ElementsAre(.1, 1, 1));
    EXPECT_THAT(integers(one("random_crop: 224 * 2"), "size"), ElementsAre(448, 448));
    EXPECT_THAT(integers(one("random_crop: 3 -2"), "size"), ElementsAre(3, -2));
    EXPECT_THAT(integers(one("random_crop: [10]"), "size"), ElementsAre(10, 10));
    Variables variables;
    variables.resolution = {640, 480};
    EXPECT_THAT(integers(one("random_crop: res"), "size", variables), ElementsAre(640, 480));
    EXPECT_THAT(integers(one("random_crop: width // 3, height / 7"), "size", variables), ElementsAre(213, 68));
    EXPECT_THAT(reals(one("random_shift: 2 2 -3 -3"), "offset"), ElementsAre(2, 2, -3, -3));
    EXPECT_THAT(reals(one("random_shift: 2"), "offset"), ElementsAre(2, 2));
}

TEST(Values, PositionalShorthand) {
    const Settings blur = one("blur: 3 .35");
    EXPECT_THAT(integers(blur, "kernel_size"), ElementsAre(3, 3));
    EXPECT_THAT(reals(blur, "sigma"), ElementsAre(.35, .35));
    EXPECT_THAT(integers(one("blur: 3 5"), "kernel_size"), ElementsAre(3, 5));
    EXPECT_TRUE(one("blur: 3 5")["sigma"].null());
    EXPECT_THAT(reals(one("blur: 3 5 .5 .6"), "sigma"), ElementsAre(.5, .6));
    EXPECT_THAT(reals(one("blur: [[3, 5], .7]"), "sigma"), ElementsAre(.7, .7));
    EXPECT_THAT(integers(one("pad: 3 2"), "size"), ElementsAre(3, 2));
    EXPECT_THAT(reals(one("pad: 3 2 .1 .2 .3"), "color"), ElementsAre(.1, .2, .3));
    EXPECT_EQ(one("pad: 1 2 edge")["mode"].text(), "edge");
    EXPECT_THAT(reals(one("random_scale: .1 1."), "scale"), ElementsAre(.1, 1));
    EXPECT_THAT(reals(one("rotate: 90"), "degree"), ElementsAre(90));
    EXPECT_THAT(reals(one("rotate: 360 * t"), "degree"), ElementsAre(0));
    EXPECT_EQ(one("edge")["kernel_size"].given(), false);
}

TEST(Values, WordsByExpression) {
    Random random{RandomAddress{}};
    const Config config = configure("interpolation: ('nearest' if t < .5 else 'Cubic')");
    Variables variables;
    variables.epochs = 3;
    variables.epoch = 2;
    EXPECT_EQ(config.top["interpolation"].evaluate(variables, random)[0].repr(), "'cubic'");
}

TEST(Values, FrameTimes) {
    EXPECT_EQ((FrameTime{false, .5}.epoch(300)), 150);  // .5 * 299 = 149.5
    EXPECT_EQ((FrameTime{false, 1}.epoch(300)), 299);
    EXPECT_EQ((FrameTime{true, 30}.epoch(300)), 30);
    EXPECT_EQ((FrameTime{false, 1}.epoch(1)), 0);
    const auto end_of = [](const std::string& text) {
        return configure("targets: [{end: " + text + "}]").targets[0].settings["end"].frame_time();
    };
    EXPECT_TRUE(end_of("30").is_epoch);
    EXPECT_FALSE(end_of("1.").is_epoch);
    EXPECT_EQ(end_of("30%").value, .3);
    EXPECT_EQ(end_of("1 / 4").value, .25);
}

TEST(Errors, AllAtOnceInOrder) {
    EXPECT_EQ(complaints("epochs: many\nbatch_size: 3\ntargets:\n  - batch_size: -3\n    transforms:\n      - blurr: 3\n      - blur: "
                         "{kernel_sise: 3}\n"),
              "a.yaml:1:9: error: unknown name 'many' in epochs\n  epochs: many\n          ^~~~\n  hint: did you mean 'any'?\n"
              "a.yaml:2:1: error: unknown key 'batch_size'\n  batch_size: 3\n  ^~~~~~~~~~\n  hint: 'batch_size' belongs into an entry of "
              "'targets'\n"
              "a.yaml:4:17: error: targets[0].batch_size: must be at least 1, not -3\n    - batch_size: -3\n                  ^~\n"
              "a.yaml:6:9: error: targets[0].transforms[0]: unknown transform 'blurr'\n        - blurr: 3\n          ^~~~~\n  hint: did "
              "you mean 'blur'?\n"
              "a.yaml:7:16: error: targets[0].transforms[1].blur: unknown parameter 'kernel_sise'\n        - blur: {kernel_sise: 3}\n      "
              "           ^~~~~~~~~~~\n"
              "  hint: did you mean 'kernel_size'?\n");
}

TEST(Errors, Values) {
    EXPECT_THAT(complaints("resolution: 1 2 3"), HasSubstr("1:13: error: resolution: must be 2 integers, not 3\n"));
    EXPECT_THAT(complaints("resolution: [1, 2, 3]"), HasSubstr("resolution: must be 2 integers, not 3\n"));
    EXPECT_THAT(complaints("resolution: 224.5"), HasSubstr("resolution: must be an integer, not 224.5\n"));
    EXPECT_THAT(complaints("resolution: [[1], 2]"), HasSubstr("resolution[0]: must be an integer, not a list"));
    EXPECT_THAT(complaints("epochs: yes"), HasSubstr("epochs: must be an integer, not 'yes'\n"));
    EXPECT_THAT(complaints("epochs: {a: 1}"), HasSubstr("epochs: must be an integer, not a map\n"));
    EXPECT_THAT(complaints("epochs:"), HasSubstr("epochs: a value is missing\n"));
    EXPECT_THAT(complaints("epochs: 3 4"), HasSubstr("epochs: must be an integer, not 2 values"));
    EXPECT_THAT(complaints("epochs: 1/0"), HasSubstr("division by zero"));
    EXPECT_THAT(complaints("epochs: -2 * 3"), HasSubstr("must be at least 0, not -6"));
    EXPECT_THAT(complaints("precision: fp64"), HasSubstr("precision: must be one of auto, fp32, bf16, fp16, not 'fp64'\n"));
    EXPECT_THAT(complaints("learnrate: .nan"), HasSubstr("learnrate: must be a number, not nan"));
    EXPECT_THAT(complaints("learnrate: similarity"), HasSubstr("learnrate: "));
    EXPECT_THAT(complaints("targets: [{end: 1.5}]"), HasSubstr("targets[0].end: a fraction of the run must lie in 0..1, not 1.5"));
    EXPECT_THAT(complaints("targets: [{end: 130%}]"), HasSubstr("targets[0].end: must be from 0% to 100%, not 130%"));
    EXPECT_THAT(complaints("targets: [{start: 50%, end: 20%}]"), HasSubstr("targets[0].end: 'start' is later than 'end'"));
    EXPECT_THAT(complaints("init: {mean: [[1, 2]]}"), HasSubstr("init.mean[0]: must be a number, not a list"));
    EXPECT_THAT(complaints("resolution: '[1, 2, 3]'"), HasSubstr("must be 2 integers, not 3"));
    EXPECT_THAT(complaints("resolution: ['[1, 2]', t]"), HasSubstr("must be an integer, not a list"));
}

TEST(Errors, Structure) {
    EXPECT_THAT(complaints("- a\n"), HasSubstr("the configuration must be a map of `key: value`, not a list"));
    EXPECT_THAT(complaints("epochs:300"), HasSubstr("put a space behind the ':'"));
    EXPECT_THAT(complaints("targets: {name: x}"), HasSubstr("targets: must be a list\n"));
    EXPECT_THAT(complaints("targets: [{features: [x]}]"), HasSubstr("hint: write `- text: x`"));
    EXPECT_THAT(complaints("targets: [{features: [{weight: 1}]}]"), HasSubstr("'text' or 'image' is missing"));
    EXPECT_THAT(complaints("targets: [{features: [{text: a, image: b}]}]"), HasSubstr("either 'text' or 'image', not both"));
    EXPECT_THAT(complaints("targets:\n  - transforms:\n      - blur:\n        kernel_size: 3\n"),
                HasSubstr("it is a parameter of 'blur': indent it below"));
    EXPECT_THAT(complaints("targets:\n  - transforms:\n      - blur: 3\n        mul: 1\n"), HasSubstr("one entry holds one transform"));
    EXPECT_THAT(complaints("targets: [{transforms: [mul]}]"), HasSubstr("targets[0].transforms[0].mul: 'color' is missing"));
    EXPECT_THAT(complaints("targets: [{transforms: [mean: .5]}]"), HasSubstr("'mean' is a constraint: it belongs into 'constraints'"));
    EXPECT_THAT(complaints("targets: [{transforms: ['blur:3']}]"), HasSubstr("put a space behind the ':'"));
    EXPECT_THAT(complaints("targets: [{transforms: [{rotate: 1 2 3 4 5}]}]"),
                HasSubstr("5 values do not fit the parameters of 'rotate': degree, center (2 numbers), interpolation"));
    EXPECT_THAT(complaints("postproc: [pad: 3]"), HasSubstr("hint: there are blur, mul, edge, random_shift, random_scale, rotate"));
    EXPECT_THAT(complaints("postproc: [{blur: 3, weight: 2}]"), HasSubstr("postproc[0]: unknown key 'weight'"));
    EXPECT_THAT(complaints("optimizer: adamm"), HasSubstr("optimizer: unknown optimizer 'adamm'"));
    EXPECT_THAT(complaints("targets: [null]"), HasSubstr("this entry is empty"));
    EXPECT_THAT(complaints("targets: [{constraints: [{mean: {weight: 1}, weight: 2}]}]"), HasSubstr("'weight' is given inside and beside"));
    EXPECT_THAT(complaints("transforms: []"), HasSubstr("'transforms' belongs into an entry of 'targets'"));
}

TEST(Errors, WhileRunning) {
    Random random{RandomAddress{}};
    const Settings blur = one("blur: {kernel_size: 3 - 10*t, sigma: 1 / (epoch - 7)}");
    Variables variables;
    variables.epochs = 11;
    variables.epoch = 7;
    try {
        (void)blur["kernel_size"].evaluate(variables, random);
        FAIL();
    } catch (const ConfigError& error) {
        EXPECT_THAT(error.what(), HasSubstr("must be at least 1, not -4"));
        EXPECT_THAT(error.what(), HasSubstr("a.yaml:3:29"));
    }
    EXPECT_THROW((void)blur["sigma"].evaluate(variables, random), ConfigError);
    variables.epoch = 2;
    EXPECT_THAT(blur["kernel_size"].integers(variables, random), ElementsAre(1, 1));
}

TEST(Schema, JsonRoundTrip) {
    const std::string text = schema_to_json(*test::shared_schema());
    EXPECT_TRUE(schema_to_json(schema_from_json(text)) == text);
    EXPECT_THROW((void)schema_from_json("{"), InputError);
}

TEST(Schema, EveryDefaultIsValid) {
    for (const OperatorSpec& spec : section_specs()) {
        EXPECT_FALSE(spec.summary.empty());
        for (const FieldSpec& field : spec.fields) EXPECT_FALSE(field.doc.empty()) << spec.name << "." << field.name;
    }
    EXPECT_EQ(complaints("targets: [{features: [{text: x}]}]\npostproc: [edge]"), "");
}

TEST(Reference, Pages) {
    for (const OperatorSpec& spec : test::shared_schema()->operators) {
        const std::string page = reference_page(spec);
        for (const FieldSpec& field : spec.fields) EXPECT_THAT(page, HasSubstr("| `" + field.name + "` |"));
        EXPECT_THAT(page, HasSubstr("```yaml\n" + spec.example));
    }
    EXPECT_THAT(reference_page(*test::shared_schema()->find("transform", "blur")),
                HasSubstr("| `kernel_size` | int[2] | `3` | >= 1 | time, resolution, learnrate | For tests. |"));
}

}  // namespace
}  // namespace clipig
