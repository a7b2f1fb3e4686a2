#include "config/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/test_schema.h"

namespace clipig {
namespace {

using test::parse;
using testing::HasSubstr;

std::string complaint(const std::string& text) {
    try {
        (void)parse(text);
    } catch (const ConfigError& error) {
        return error.what();
    }
    return {};
}

TEST(Document, NodesKnowTheirPlaces) {
    const Node root = parse("# comment\nä: 1\nb:\n  - 'x y'\n  - {c: ö, d: z}\ne: |\n  text\n");
    EXPECT_EQ(root.entries[0].key_at.line, 2);
    EXPECT_EQ(root.entries[0].value.at.column, 4);  // columns count code points, not bytes
    const Node& list = *root.find("b");
    EXPECT_EQ(list.items[0].at.line, 4);
    EXPECT_EQ(list.items[0].at.column, 6);  // inside the quotes
    EXPECT_TRUE(list.items[0].quoted);
    EXPECT_EQ(list.items[1].entry("d")->key_at.column, 12);
    EXPECT_TRUE(root.find("e")->block);
    EXPECT_EQ(root.find("e")->scalar, "text\n");
    EXPECT_EQ(root.find("e")->at.line, 7);
}

TEST(Document, EmptyTextsAreNull) {
    for (const char* text : {"", "\n\n", "# only a comment\n", "---\n", "\xEF\xBB\xBF"})
        EXPECT_EQ(parse(text).kind, NodeKind::null) << text;
}

TEST(Document, NullKeepsItsWord) {
    EXPECT_EQ(parse("a: null").find("a")->kind, NodeKind::null);
    EXPECT_EQ(parse("a: null").find("a")->scalar, "null");
    EXPECT_EQ(parse("a:").find("a")->scalar, "");
    EXPECT_EQ(parse("a: 'null'").find("a")->kind, NodeKind::scalar);
}

TEST(Document, AliasesAreCopies) {
    const Node root = parse("a: &x [1, 2]\nb: *x\n");
    EXPECT_TRUE(same_tree(*root.find("a"), *root.find("b")));
}

TEST(Document, MergeKeysAsPyYamlAppliesThem) {
    const Node root = parse("base: &b {x: 1, y: 2}\nother: &o {y: 5, z: 6}\nc:\n  <<: [*b, *o]\n  x: 9\n");
    EXPECT_TRUE(same_tree(*root.find("c"), parse("x: 9\ny: 2\nz: 6")));
}

TEST(Document, SyntaxErrorsSayWhereAndWhat) {
    EXPECT_EQ(complaint("a:\n\tb: 1\n"),
              "a.yaml:2:1: error: a tab in the indentation\n  \tb: 1\n  ^\n  hint: YAML allows only spaces there\n");
    EXPECT_EQ(complaint("epochs: 1\ntargets: []\nepochs: 2\n"),
              "a.yaml:3:1: error: the key 'epochs' appears twice in one map\n  epochs: 2\n  ^~~~~~\n  hint: the first one is in line 1\n");
    EXPECT_THAT(complaint("a: [1, 2\nb: 3\n"), HasSubstr("a.yaml:1:4: error: this bracket is never closed"));
    EXPECT_THAT(complaint("a: 'text\nb: 3\n"), HasSubstr("a.yaml:1:4: error: this quote is never closed"));
    EXPECT_THAT(complaint("a: b: c\n"), HasSubstr("a.yaml:1:5: error: a ':' cannot stand here"));
    EXPECT_THAT(complaint("a: *x\n"), HasSubstr("this alias has no anchor"));
    EXPECT_THAT(complaint("a: &x [*x]\n"), HasSubstr("inside of its own anchor"));
    EXPECT_THAT(complaint("a: 1\n---\nb: 2\n"), HasSubstr("a second document starts here"));
    EXPECT_THAT(complaint("a: \xFF\n"), HasSubstr("a.yaml:1: error: this is no UTF-8 text"));
    EXPECT_THAT(complaint(std::string("a: \0b", 5)), HasSubstr("a control character (code 0)"));
    EXPECT_THAT(complaint("a: !!python/object:os.system x\n"), HasSubstr("is not known here"));
    EXPECT_THAT(complaint("? [1, 2]\n: x\n"), HasSubstr("a key must be a word"));
}

TEST(Document, AliasBombsAreRefused) {
    std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 10; ++i) {
        const std::string last = "*a" + std::to_string(i - 1);
        text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
        for (int k = 0; k < 9; ++k) text += ", " + last;
        text += "]\n";
    }
    EXPECT_THAT(complaint(text), HasSubstr("expand to more than 100000 values"));
}

TEST(Document, DeepNestingIsRefused) {
    EXPECT_EQ(complaint(std::string(60, '[') + std::string(60, ']')), "");
    EXPECT_THAT(complaint(std::string(70, '[') + std::string(70, ']')), HasSubstr("nested deeper than 64 levels"));
}

TEST(Merge, MapsMergeScalarsReplaceListsAppend) {
    const Node merged = merge(parse("a: 1\nb: {c: 1, d: 2}\ntargets: [{name: x}]\nresolution: [1, 2]\npostproc: [edge]\nempty: [{x: 1}]\n"),
                              parse("a: 2\nb: {d: 3, e: 4}\ntargets: [{name: y}]\nresolution: [3, 4]\npostproc: [blur]\nempty:\n"));
    EXPECT_TRUE(same_tree(merged, parse("a: 2\nb: {c: 1, d: 3, e: 4}\ntargets: [{name: x}, {name: y}]\nresolution: [3, 4]\npostproc: "
                                        "[edge, blur]\nempty: [{x: 1}]\n")));
}

TEST(SetPath, PutsValues) {
    Node root = parse("targets: [{batch_size: 1}]\n");
    set_path(root, "targets[0].batch_size=5");
    set_path(root, "targets[1].name=new");
    set_path(root, "init.mean=[.1, .2, .3]");
    EXPECT_TRUE(same_tree(root, parse("targets: [{batch_size: 5}, {name: new}]\ninit: {mean: [.1, .2, .3]}\n")));
    EXPECT_EQ(root.find("targets")->items[0].find("batch_size")->at.column, 23);
}

TEST(SetPath, ComplaintsPointIntoTheOption) {
    const auto complaint_of = [](const std::string& option) -> std::string {
        Node root = parse("epochs: 3\ntargets: [{name: x}]\n");
        try {
            set_path(root, option);
        } catch (const ConfigError& error) {
            return error.what();
        }
        return {};
    };
    EXPECT_EQ(complaint_of("targets[3].name=x"),
              "--set:1:8: error: there is no entry 3: the list has 1\n  targets[3].name=x\n         ^\n  hint: the number one past the "
              "last appends an entry\n");
    EXPECT_THAT(complaint_of("epochs"), HasSubstr("a '=' is missing"));
    EXPECT_THAT(complaint_of("epochs.x=1"), HasSubstr("there is no 'x' here"));
    EXPECT_THAT(complaint_of("targets.name=1"), HasSubstr("this is a list"));
    EXPECT_THAT(complaint_of("a=[1"), HasSubstr("--set:1:3: error: this bracket is never closed"));
    EXPECT_THAT(complaint_of("a[x]=1"), HasSubstr("indexed by a number"));
    EXPECT_THAT(complaint_of("=1"), HasSubstr("a path is missing"));
}

TEST(SetPath, SetScalar) {
    Node root = parse("a: [1, 2]\n");
    set_scalar(root, "seed", "123");
    set_scalar(root, "a", "x");
    EXPECT_TRUE(same_tree(root, parse("a: x\nseed: 123\n")));
}

TEST(Dump, RoundTrips) {
    for (const char* text : {"a: 1\n", "a: [1, 2.5, t * 2]\nb:\n  - c: 'x: y'\n    d: []\n  - - 1\n    - {e: {}}\n  - null\n",
                             "a: \"line\\nbreak\\ttab \\u0007\"\n", "a: ''\nb: ' x '\n", "a: 'null'\nb: null\nc: '~'\n",
                             "'<<': 1\n'- x': 2\n'': 3\n'null': 4\n", "a: '# no comment'\nb: 'x #y'\nc: '[1, 2][0]'\nd: it's\n",
                             "a: -.5\nb: '- x'\nc: '-'\n", "x: \"\xC2\x85 \xE2\x80\xA8 \xEF\xBB\xBF\"\n", "- - - 1\n", "scalar\n",
                             " \xEF\xBB\xBF"
                             "er\n",
                             "'---'\n", "a: 'x:'\nb: ':x'\nc: '?x'\nd: '%x'\ne: '@x'\nf: '`x'\n"}) {
        const Node tree = parse(text);
        const std::string dumped = dump_yaml(tree, {"first", "second\nthird"});
        EXPECT_TRUE(same_tree(parse(dumped), tree)) << text << "---\n" << dumped;
        EXPECT_TRUE(same_tree(parse(dump_yaml(tree)), tree)) << "without a comment in front: " << text;
        EXPECT_THAT(dumped, testing::StartsWith("# first\n# second\n# third\n"));
    }
}

TEST(Dump, LooksAsAPersonWouldWriteIt) {
    EXPECT_EQ(dump_yaml(parse(
                  "{resolution: [640, 480], rate: (1. - .95 * t), targets: [{name: 'x', features: [{text: \"red\"}]}], label: 'yes'}")),
              "resolution: [640, 480]\nrate: (1. - .95 * t)\ntargets:\n  - name: x\n    features:\n      - text: red\nlabel: 'yes'\n");
}

}  // namespace
}  // namespace clipig
