#include "models/text_clean.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "models/html_unescape.h"
#include "models/unicode.h"

namespace clipig {
namespace {

struct Example {
    std::u32string text;
    std::u32string expected;
};

// what html.unescape() of Python 3.11 gives
const Example kUnescaped[] = {
    {U"&lt;b&gt; &amp;amp; &quot;", U"<b> &amp; \""},
    {U"&eacute &eacute; &EACUTE; &notit; &notin; &not", U"\u00E9 \u00E9 &EACUTE; \u00ACit; \u2209 \u00AC"},
    {U"&#65;&#x41;&#x80;&#128;&#0;&#xD800;&#x110000;&#99999999999999999999;", U"AA\u20AC\u20AC\uFFFD\uFFFD\uFFFD\uFFFD"},
    {U"&#1;x&#x1F;y&#xFDD0;z&#x1FFFE;&#xFFFF;", U"xyz"},
    {U"&#65 &#x41g &#; &#x; &", U"A Ag &#; &#x; &"},
    {U"&NotEqualTilde; &fjlig; &CounterClockwiseContourIntegral;", U"\u2242\u0338 fj \u2233"},
    {U"&ampamp; &ltx &AMP &AMPx; &a; &;", U"&amp; <x & &x; &a; &;"},
    {U"&hearts;&hellip;&nbsp;|&thinsp;|", U"\u2665\u2026\u00A0|\u2009|"},
    {U"&thetasym;&thetas", U"\u03D1&thetas"},
    {U"&#X41; &#13;|", U"A \r|"},
};

TEST(HtmlUnescape, DoesAsPython) {
    for (const auto& example : kUnescaped)
        EXPECT_EQ(to_utf8(html_unescape(example.text)), to_utf8(example.expected)) << to_utf8(example.text);
}

TEST(HtmlUnescape, KnowsEveryNameOfHtml5) {
    std::size_t names = 0;
    std::size_t bare = 0;
    for (const std::string_view line : html_entity_lines()) {
        names += static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) { return c == '=' || c == '!'; }));
        bare += static_cast<std::size_t>(std::count(line.begin(), line.end(), '!'));
    }
    // html.entities.html5 of Python has 2231 entries: 2125 with a semicolon, 106 without
    EXPECT_EQ(names, 2125U);
    EXPECT_EQ(bare, 106U);
}

TEST(HtmlUnescape, StrictlyNeedsTheSemicolon) {
    EXPECT_EQ(to_utf8(html_unescape_strictly(U"&eacute; &eacute &EACUTE; &bogus; &#233; &#233 &#59;")),
              "\u00E9 &eacute \u00C9 &bogus; \u00E9 &#233 &#59;");
}

TEST(FixText, DoesAsFtfy) {
    EXPECT_EQ(to_utf8(fix_text(U"\u201CI\u2019ll\u201D \uFB03 \u0132 \uFF21\u3000\uFF5E \uFF76\uFF9E")), "\"I'll\" ffi IJ A ~ \u30AC");
    EXPECT_EQ(to_utf8(fix_text(std::u32string{'a', 0x85, 0x93, 'b', 0x94, 0x81})), "a\u2026\"b\"\xC2\x81");
    EXPECT_EQ(to_utf8(fix_text(U"\x1B[1;31mred\x1B[0m \x1B[not\x07 one\r\ntwo\rthree\u2028four")), "red ot one\ntwo\nthree\nfour");
    EXPECT_EQ(to_utf8(fix_text(U"e\u0301 &lt;3")), "\u00E9 <3");
    EXPECT_EQ(to_utf8(fix_text(U"&amp;\n<b> &amp;\n&amp;")), "&\n<b> &amp;\n&amp;");
    EXPECT_EQ(to_utf8(fix_text(U"&amp;amp;lt;")), "<");
    EXPECT_EQ(to_utf8(fix_text(std::u32string{0xD83C, 0xDF53, 0xDF53})), "\U0001F353\uFFFD");
}

TEST(CleanPrompt, CollapsesSpacesAndLowers) {
    EXPECT_EQ(to_utf8(clean_prompt("  A \t\n B\u00A0\u3000C ")), "a b c");
    // final sigma, and the dotted capital I that becomes two code points: as Python's str.lower()
    EXPECT_EQ(to_utf8(clean_prompt("\u039F\u0394\u03A5\u03A3\u03A3\u0395\u03A5\u03A3 \u0130")),
              "\u03BF\u03B4\u03C5\u03C3\u03C3\u03B5\u03C5\u03C2 i\u0307");
    EXPECT_EQ(to_utf8(clean_prompt("&amp;amp;lt;b")), "<b");
    EXPECT_EQ(to_utf8(clean_prompt("a\xFF\xE2\x82z")), "a\uFFFD\uFFFDz");
}

TEST(Unicode, RoundTrips) {
    const std::string text = "a\u00E9\u20AC\U0001F353";
    EXPECT_EQ(to_utf8(to_code_points(text)), text);
    EXPECT_EQ(to_code_points(text).size(), 4U);
    EXPECT_EQ(to_code_points("\xED\xA0\x80"), std::u32string(1, 0xD800));
    EXPECT_EQ(to_code_points("\xC0\x80\xF5"), (std::u32string(3, 0xFFFD)));
}

}  // namespace
}  // namespace clipig
