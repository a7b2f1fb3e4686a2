#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/completion.h"
#include "config/recipes.h"
#include "config/stages.h"
#include "config/test_schema.h"

namespace clipig {
namespace {

using testing::HasSubstr;

Node parse(const std::string& text) { return parse_yaml(std::make_shared<SourceText>(SourceText{"a.yaml", text})); }

/// The schema of the tests, with an operator for each kind of border.
Schema bordered() {
    Schema schema = test::make_schema();
    FieldSpec border = test::make_field("border", FieldType::text, 1, "edge", 0);
    border.choices = {"edge", "wrap"};
    schema.operators.push_back(test::make_operator("transform", "views", {test::make_field("size", FieldType::integer, 1, "8"), border}));
    schema.operators.push_back(test::make_operator(
        "transform", "soften",
        {test::make_field("size", FieldType::integer, 1, "3"), test::make_field("wrap", FieldType::boolean, 1, "false", 0)}));
    schema.operators.back().keeps_resolution = true;
    schema.operators.push_back(
        test::make_operator("constraint", "calm", {test::make_field("wrap", FieldType::boolean, 1, "false", 0)}));
    schema.operators.push_back(test::make_operator("pixels", "layers", {test::make_field("wrap", FieldType::boolean, 1, "false", 0)}));
    return schema;
}

std::string after(const std::string& text) { return dump_yaml(completed(parse(text), bordered())); }

TEST(Completion, EveryRecipeIsThereAndReads) {
    for (const char* name : {"draft", "normal", "high", "best"}) {
        const Node recipe = parse(std::string(recipe_text(name)));
        ASSERT_EQ(recipe.kind, NodeKind::map) << name;
        EXPECT_NE(recipe.find("epochs"), nullptr) << name;
        EXPECT_NE(recipe.find("target"), nullptr) << name;
    }
    EXPECT_TRUE(recipe_text("other").empty());
}

TEST(Completion, QualityFillsOnlyWhatIsNotSaid) {
    const Node whole = completed(
        parse("quality: normal\nepochs: 3\ntargets:\n  - features: [text: x]\n    batch_size: 2\n  - name: no features\n"), bordered());
    EXPECT_EQ(whole.find("epochs")->scalar, "3");
    EXPECT_NE(whole.find("pixels"), nullptr);
    const Node& target = whole.find("targets")->items[0];
    EXPECT_EQ(target.find("batch_size")->scalar, "2");
    EXPECT_NE(target.find("transforms"), nullptr);
    EXPECT_EQ(whole.find("targets")->items[1].find("transforms"), nullptr);
}

TEST(Completion, ConstraintsOfARecipeAreATargetOfTheirOwn) {
    const Node plain = completed(parse("quality: draft\ntargets:\n  - features: [text: x]\n"), bordered());
    ASSERT_EQ(plain.find("targets")->items.size(), 2U);
    EXPECT_EQ(plain.find("targets")->items[0].find("constraints"), nullptr);
    const Node& added = plain.find("targets")->items[1];
    EXPECT_EQ(added.find("name")->scalar, "quality");
    EXPECT_EQ(added.find("features"), nullptr);
    EXPECT_EQ(added.find("transforms"), nullptr);
    EXPECT_FALSE(added.find("constraints")->items.empty());
    EXPECT_EQ(plain.find("constraints"), nullptr);
    for (const char* text : {"quality: draft\ntargets:\n  - features: [text: x]\n    constraints: []\n",
                             "quality: draft\ntargets:\n  - features: [text: x]\n  - constraints: [tv: 1]\n"}) {
        const Node own = completed(parse(text), bordered()), before = parse(text);
        EXPECT_EQ(own.find("targets")->items.size(), before.find("targets")->items.size()) << text;
    }
    EXPECT_EQ(completed(parse("quality: draft\ntargets:\n  - name: none\n"), bordered()).find("targets")->items.size(), 1U);
}

TEST(Completion, TwiceIsOnce) {
    for (const char* text : {"quality: high\ntargets:\n  - features: [text: x]\n",
                             "tile: true\npixels: layers\ntargets:\n  - features: [text: x]\n    transforms: [views]\n",
                             "quality: best\ntile: true\ntargets:\n  - features: [text: x]\n", "epochs: 3\n"}) {
        const Node once = completed(parse(text), bordered());
        EXPECT_TRUE(same_tree(once, completed(once, bordered()))) << text;
    }
}

TEST(Completion, TileWrapsShorthandAndMaps) {
    const std::string text = after(
        "tile: true\npixels: {layers: {}}\ntargets:\n  - features: [text: x]\n    transforms: [views: 12, views, views: {border: edge}, "
        "blur: 3]\n");
    EXPECT_THAT(text, HasSubstr("layers:\n    wrap: true"));
    EXPECT_THAT(
        text,
        HasSubstr(
            "- random_shift: -.5 .5\n      - views:\n          size: 12\n          border: wrap\n      - views:\n          border: wrap\n"
            "      - views:\n          border: edge\n      - blur: 3"));
    EXPECT_THAT(after("tile: false\npixels: layers\n"), testing::Not(HasSubstr("wrap")));
    for (const char* word : {"True", "yes", "on", "1"})
        EXPECT_THAT(after(std::string("pixels: layers\ntile: ") + word + "\n"), HasSubstr("wrap: true")) << word;
    for (const char* word : {"no", "0", "1.5", "treu"})
        EXPECT_THAT(after(std::string("pixels: layers\ntile: ") + word + "\n"), testing::Not(HasSubstr("wrap"))) << word;
}

TEST(Completion, TileWrapsConstraintsOnTheWholePicture) {
    for (const char* target : {"constraints: [calm]", "constraints: [calm]\n    features: [text: x]",
                               "constraints: [calm]\n    transforms: [soften: 3]"}) {
        EXPECT_THAT(after(std::string("tile: true\ntargets:\n  - ") + target + "\n"), HasSubstr("calm:\n          wrap: true")) << target;
    }
    EXPECT_THAT(after("tile: true\ntargets:\n  - constraints: [calm]\n    transforms: [views: 8]\n"), HasSubstr("constraints: [calm]"));
    EXPECT_THAT(after("targets:\n  - constraints: [calm]\n"), testing::Not(HasSubstr("wrap")));
}

TEST(Completion, TileWrapsEffectsAndMoves) {
    const std::string text = after(
        "tile: true\nanimate: {zoom: 1}\npostproc: [soften: 5, soften, {soften: {wrap: false}, start: 3}, blur: 3]\n"
        "targets:\n  - features: [text: x]\n    transforms: [soften: 7]\n");
    EXPECT_THAT(text, HasSubstr("animate:\n  zoom: 1\n  border: wrap\n"));
    EXPECT_THAT(text, HasSubstr("  - soften:\n      size: 5\n      wrap: true\n  - soften:\n      wrap: true\n  - soften:\n      wrap: "
                                "false\n    start: 3\n  - blur: 3\n"));
    EXPECT_THAT(text, HasSubstr("      - soften: 7"));
    EXPECT_THAT(after("tile: true\nanimate: {border: black}\n"), HasSubstr("border: black"));
}

TEST(Stages, ReplaceKeysAndKeepTheRest) {
    const auto schema = std::make_shared<const Schema>(test::make_schema());
    const auto config = std::make_shared<const Config>(validate(
        parse("epochs: 9\nlearnrate: 2\ntargets: [{name: a}]\nstages:\n  - epochs: 3\n    targets: [{name: b}]\n  - learnrate: 4\n"),
        schema));
    const auto stages = stage_configs(config);
    ASSERT_EQ(stages.size(), 2u);
    EXPECT_EQ(stages[0]->top["epochs"].integer(), 3);
    ASSERT_EQ(stages[0]->targets.size(), 1u);
    EXPECT_EQ(stages[0]->targets[0].settings["name"].text(), "b");
    EXPECT_EQ(stages[0]->targets[0].settings.path, "stages[0].targets[0]");
    EXPECT_EQ(stages[1]->top["epochs"].integer(), 9);
    EXPECT_EQ(stages[1]->targets[0].settings["name"].text(), "a");
    // what is written out means the same
    const auto again = std::make_shared<const Config>(validate(parse(dump_yaml(config->resolved)), schema));
    EXPECT_TRUE(same_tree(config->resolved, again->resolved));
    EXPECT_TRUE(same_tree(stages[0]->resolved, stage_configs(again)[0]->resolved));
}

TEST(Stages, ARecipeForAStageSaysNothingOfTheWholeRun) {
    Schema schema = bordered();
    schema.operators.push_back(
        test::make_operator("pixels", "pyramid", {test::make_field("decorrelate", FieldType::boolean, 1, "false", 0)}));
    const auto shared = std::make_shared<const Schema>(std::move(schema));
    const Config config = validate(parse("quality: draft\nstages:\n  - quality: best\n"), shared);
    const Node again = parse(dump_yaml(config.resolved));
    EXPECT_EQ(again.find("stages")->items[0].find("candidates"), nullptr);
    EXPECT_TRUE(same_tree(validate(again, shared).resolved, config.resolved));
}

TEST(Stages, AConfigurationWithoutThemIsItsOwn) {
    const auto config = std::make_shared<const Config>(validate(parse("epochs: 9\n"), std::make_shared<const Schema>(test::make_schema())));
    EXPECT_EQ(stage_configs(config), std::vector<std::shared_ptr<const Config>>{config});
    EXPECT_EQ(config->resolved.find("stages"), nullptr);
}

}  // namespace
}  // namespace clipig
