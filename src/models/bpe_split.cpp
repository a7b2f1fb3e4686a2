#include "models/bpe_split.h"

#include <cstddef>
#include <string>

#include "models/unicode.h"

namespace clipig {
namespace {

/// Simple case folding as far as the ASCII letters of the pattern need it: U+017F is a small s.
char32_t folded(char32_t c) {
    if (c >= 'A' && c <= 'Z') return c - 'A' + 'a';
    return c == 0x17F ? U's' : c;
}

bool starts_folded(std::u32string_view text, std::u32string_view wanted) {
    if (text.size() < wanted.size()) return false;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (folded(text[i]) != wanted[i]) return false;
    }
    return true;
}

bool other(char32_t c) { return !is_space(c) && !is_letter(c) && !is_number(c); }

template <class Test>
std::size_t run_length(std::u32string_view text, Test test) {
    std::size_t length = 0;
    while (length < text.size() && test(text[length])) ++length;
    return length;
}

/// Length of the match at the start of `text`; 0 when there is none (white space).
std::size_t match_length(std::u32string_view text) {
    static constexpr std::u32string_view fixed[] = {
        U"<|startoftext|>", U"<|endoftext|>", U"'s", U"'t", U"'re", U"'ve", U"'m", U"'ll", U"'d"};
    for (const auto word : fixed) {
        if (starts_folded(text, word)) return word.size();
    }
    if (is_letter(text[0])) return run_length(text, is_letter);
    if (is_number(text[0])) return 1;
    return run_length(text, other);
}

}  // namespace

std::vector<std::u32string_view> split_prompt(std::u32string_view text) {
    std::vector<std::u32string_view> words;
    while (!text.empty()) {
        const std::size_t length = match_length(text);
        if (length > 0) words.push_back(text.substr(0, length));
        text.remove_prefix(length > 0 ? length : 1);
    }
    return words;
}

}  // namespace clipig
