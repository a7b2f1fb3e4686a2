#include "models/html_unescape.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "models/unicode.h"
#include "models/windows_1252.h"

namespace clipig {
namespace {

constexpr std::size_t kLongestName = 32;

struct Entity {
    std::u32string text;
    bool bare = false;  ///< counts without its semicolon
};
using Entities = std::unordered_map<std::string, Entity>;

Entity parse_value(std::string_view value, bool bare) {
    Entity entity{{}, bare};
    while (!value.empty()) {
        const auto plus = std::min(value.find('+'), value.size());
        entity.text += static_cast<char32_t>(std::stoul(std::string(value.substr(0, plus)), nullptr, 16));
        value.remove_prefix(std::min(plus + 1, value.size()));
    }
    return entity;
}

const Entities& entities() {
    static const Entities table = [] {
        Entities made;
        for (std::string_view line : html_entity_lines()) {
            while (!line.empty()) {
                const auto space = std::min(line.find(' '), line.size());
                const auto word = line.substr(0, space);
                const auto mark = word.find_first_of("=!");
                made.emplace(word.substr(0, mark), parse_value(word.substr(mark + 1), word[mark] == '!'));
                line.remove_prefix(std::min(space + 1, line.size()));
            }
        }
        return made;
    }();
    return table;
}

/// ASCII text of code points; other ones become a byte that no name has.
std::string ascii(std::u32string_view text) {
    std::string result;
    for (const char32_t c : text) result += c < 0x80 ? static_cast<char>(c) : '\x80';
    return result;
}

/// The numbers that the HTML 5 parser drops (https://html.spec.whatwg.org/#numeric-character-reference-end-state, as Python has them).
bool dropped(std::uint64_t number) {
    const bool control =
        (number >= 1 && number <= 8) || number == 0xB || (number >= 0xE && number <= 0x1F) || (number >= 0x7F && number <= 0x9F);
    return control || (number >= 0xFDD0 && number <= 0xFDEF) || (number & 0xFFFE) == 0xFFFE;
}

std::u32string numbered(std::uint64_t number) {
    if (number == 0) return U"\uFFFD";
    if (number >= 0x80 && number <= 0x9F) return std::u32string(1, windows_1252(static_cast<char32_t>(number)));
    if ((number >= 0xD800 && number <= 0xDFFF) || number > 0x10FFFF) return U"\uFFFD";
    if (dropped(number)) return {};
    return std::u32string(1, static_cast<char32_t>(number));
}

int digit_of(char32_t c, int base) {
    if (c >= '0' && c <= '9') return static_cast<int>(c - '0');
    if (base == 16 && c >= 'a' && c <= 'f') return static_cast<int>(c - 'a') + 10;
    if (base == 16 && c >= 'A' && c <= 'F') return static_cast<int>(c - 'A') + 10;
    return -1;
}

/// A reference at the start of `text` (which begins with `&`): what it stands for, and its length including the semicolon.
struct Reference {
    std::u32string text;
    std::size_t length = 0;
    bool closed = false;
};

std::optional<Reference> number_reference(std::u32string_view text) {
    if (text.size() < 3 || text[1] != '#') return std::nullopt;
    const int base = text[2] == 'x' || text[2] == 'X' ? 16 : 10;
    std::size_t at = base == 16 ? 3 : 2;
    const std::size_t first = at;
    std::uint64_t number = 0;
    for (; at < text.size() && digit_of(text[at], base) >= 0; ++at) {
        number = std::min<std::uint64_t>(number * static_cast<std::uint64_t>(base) + static_cast<std::uint64_t>(digit_of(text[at], base)),
                                         0x110000);
    }
    if (at == first) return std::nullopt;
    const bool closed = at < text.size() && text[at] == ';';
    return Reference{numbered(number), at + (closed ? 1 : 0), closed};
}

std::optional<Reference> named_reference(std::u32string_view text) {
    std::size_t end = 1;
    while (end < text.size() && end <= kLongestName && std::u32string_view(U"\t\n\f <&#;").find(text[end]) == std::u32string_view::npos)
        ++end;
    if (end == 1) return std::nullopt;
    const std::string name = ascii(text.substr(1, end - 1));
    const bool closed = end < text.size() && text[end] == ';';
    const auto& table = entities();
    if (closed) {
        const auto found = table.find(name);
        if (found != table.end()) return Reference{found->second.text, end + 1, true};
    }
    // Python looks at prefixes of two characters and more
    for (std::size_t length = name.size(); length >= 2; --length) {
        const auto found = table.find(name.substr(0, length));
        if (found != table.end() && found->second.bare) return Reference{found->second.text, length + 1, false};
    }
    return std::nullopt;
}

/// ftfy takes capitals for a name in lower case that HTML itself does not know in capitals.
std::optional<std::u32string> strict_name(const std::string& name) {
    const auto& table = entities();
    const auto found = table.find(name);
    if (found != table.end()) return found->second.text;
    std::string lower = name;
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    std::string upper = name;
    for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    const auto small = table.find(lower);
    if (name != upper || small == table.end()) return std::nullopt;
    const auto whole = to_code_points("&" + upper + ";");
    if (html_unescape(whole) != whole) return std::nullopt;
    return upper_case(small->second.text);
}

}  // namespace

std::u32string html_unescape(std::u32string_view text) {
    std::u32string result;
    while (!text.empty()) {
        std::optional<Reference> found;
        if (text[0] == '&') found = text.size() > 1 && text[1] == '#' ? number_reference(text) : named_reference(text);
        result += found ? found->text : std::u32string(1, text[0]);
        text.remove_prefix(found ? found->length : 1);
    }
    return result;
}

std::u32string html_unescape_strictly(std::u32string_view text) {
    std::u32string result;
    while (!text.empty()) {
        std::size_t end = 1;
        const bool number = text[0] == '&' && text.size() > 1 && text[1] == '#';
        if (number) ++end;
        const std::size_t first = end;
        const auto letter = [](char32_t c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
        while (text[0] == '&' && end < text.size() && end - first < 24 && letter(text[end])) ++end;
        std::optional<std::u32string> value;
        if (end > first && end < text.size() && text[end] == ';') {
            if (!number) {
                value = strict_name(ascii(text.substr(1, end - 1)));
            } else if (const auto found = number_reference(text);
                       found && found->closed && found->length == end + 1 && found->text != U";") {
                value = found->text;
            }
        }
        result += value ? *value : std::u32string(1, text[0]);
        text.remove_prefix(value ? end + 1 : 1);
    }
    return result;
}

}  // namespace clipig
