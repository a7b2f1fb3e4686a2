#include "models/text_clean.h"

#include <algorithm>

#include "models/html_unescape.h"
#include "models/unicode.h"
#include "models/windows_1252.h"

namespace clipig {
namespace {

struct Ligature {
    char32_t from;
    const char32_t* to;
};
constexpr Ligature kLigatures[] = {
    {0x132, U"IJ"},      {0x133, U"ij"},      {0x149, U"\u02BCn"},  {0x1F1, U"DZ"},  {0x1F2, U"Dz"},  {0x1F3, U"dz"},
    {0x1C4, U"D\u017D"}, {0x1C5, U"D\u017E"}, {0x1C6, U"d\u017E"},  {0x1C7, U"LJ"},  {0x1C8, U"Lj"},  {0x1C9, U"lj"},
    {0x1CA, U"NJ"},      {0x1CB, U"Nj"},      {0x1CC, U"nj"},       {0xFB00, U"ff"}, {0xFB01, U"fi"}, {0xFB02, U"fl"},
    {0xFB03, U"ffi"},    {0xFB04, U"ffl"},    {0xFB05, U"\u017Ft"}, {0xFB06, U"st"},
};

/// Control characters that mean nothing in a text, deprecated ones, the byte order mark, annotations.
bool unwanted(char32_t c) {
    return c <= 0x08 || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F || (c >= 0x206A && c <= 0x206F) || c == 0xFEFF ||
           (c >= 0xFFF9 && c <= 0xFFFC);
}

/// The replacement of one character by C1 repair, ligatures, width and quotes, in this order.
void append_fixed(std::u32string& out, char32_t c) {
    if (c >= 0x80 && c <= 0x9F) c = windows_1252(c);
    for (const auto& ligature : kLigatures) {
        if (ligature.from == c) {
            for (const char32_t* part = ligature.to; *part != 0; ++part) append_fixed(out, *part);
            return;
        }
    }
    if (c >= 0xFF01 && c <= 0xFFEF) {
        out += normalize_nfkc(std::u32string_view(&c, 1));
        return;
    }
    if (c == 0x3000) c = ' ';
    if (c == 0x2BC || (c >= 0x2018 && c <= 0x201B)) c = '\'';
    if (c >= 0x201C && c <= 0x201F) c = '"';
    out += c;
}

std::u32string fix_characters(std::u32string_view text) {
    std::u32string result;
    for (const char32_t c : text) append_fixed(result, c);
    return result;
}

std::u32string fix_line_breaks(std::u32string_view text) {
    std::u32string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char32_t c = text[i];
        if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
        result += c == '\r' || c == 0x2028 || c == 0x2029 || c == 0x85 ? U'\n' : c;
    }
    return result;
}

std::u32string fix_surrogates(std::u32string_view text) {
    std::u32string result;
    const auto high = [](char32_t c) { return c >= 0xD800 && c <= 0xDBFF; };
    const auto low = [](char32_t c) { return c >= 0xDC00 && c <= 0xDFFF; };
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (high(text[i]) && i + 1 < text.size() && low(text[i + 1])) {
            result += 0x10000 + ((text[i] - 0xD800) << 10) + (text[i + 1] - 0xDC00);
            ++i;
        } else {
            result += high(text[i]) || low(text[i]) ? char32_t{0xFFFD} : text[i];
        }
    }
    return result;
}

/// Length of `ESC [ digits and semicolons LETTER` at the start, else 0.
std::size_t escape_length(std::u32string_view text) {
    if (text.size() < 3 || text[0] != 0x1B || text[1] != '[') return 0;
    std::size_t at = 2;
    while (at < text.size() && ((text[at] >= '0' && text[at] <= '9') || text[at] == ';')) ++at;
    const bool letter = at < text.size() && ((text[at] >= 'a' && text[at] <= 'z') || (text[at] >= 'A' && text[at] <= 'Z'));
    return letter ? at + 1 : 0;
}

std::u32string remove_controls(std::u32string_view text) {
    std::u32string without_escapes;
    while (!text.empty()) {
        const std::size_t escape = escape_length(text);
        if (escape == 0) without_escapes += text[0];
        text.remove_prefix(std::max<std::size_t>(escape, 1));
    }
    std::erase_if(without_escapes, unwanted);
    return without_escapes;
}

std::u32string fix_line(std::u32string line, bool unescape) {
    // each round shortens or canonicalises the text; ftfy itself has no bound, a real text needs two or three rounds
    for (int round = 0; round < 100; ++round) {
        std::u32string fixed = unescape ? html_unescape_strictly(line) : line;
        fixed = normalize_nfc(remove_controls(fix_surrogates(fix_line_breaks(fix_characters(fixed)))));
        if (fixed == line) break;
        line = std::move(fixed);
    }
    return line;
}

std::u32string collapse_spaces(std::u32string_view text) {
    std::u32string result;
    for (const char32_t c : text) {
        if (!is_space(c))
            result += c;
        else if (!result.empty() && result.back() != ' ')
            result += ' ';
    }
    if (!result.empty() && result.back() == ' ') result.pop_back();
    return result;
}

}  // namespace

std::u32string fix_text(std::u32string_view text) {
    std::u32string result;
    bool unescape = true;  // until a `<` shows that the text is HTML on purpose
    while (!text.empty()) {
        const auto end = text.find(U'\n');
        const auto line = text.substr(0, end == std::u32string_view::npos ? text.size() : end + 1);
        unescape = unescape && line.find(U'<') == std::u32string_view::npos;
        result += fix_line(std::u32string(line), unescape);
        text.remove_prefix(line.size());
    }
    return result;
}

std::u32string clean_prompt(std::string_view utf8) {
    const auto fixed = fix_text(to_code_points(utf8));
    return lower_case(collapse_spaces(html_unescape(html_unescape(fixed))));
}

std::u32string canonical_prompt(std::string_view utf8) {
    std::u32string kept;
    for (const char32_t c : html_unescape(html_unescape(fix_text(to_code_points(utf8))))) {
        const bool punctuation = (c > 0x20 && c < 0x30) || (c > 0x39 && c < 0x41) || (c > 0x5A && c < 0x61) || (c > 0x7A && c < 0x7F);
        if (c == '_')
            kept += ' ';
        else if (!punctuation)
            kept += c;
    }
    return collapse_spaces(lower_case(kept));
}

}  // namespace clipig
