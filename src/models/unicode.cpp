#include "models/unicode.h"

#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "base/error.h"

namespace clipig {
namespace {

bool is_surrogate(char32_t c) { return c >= 0xD800 && c <= 0xDFFF; }

/// One code point at the start of `text` and how many bytes it took; U+FFFD for the longest piece that could not be continued.
struct Decoded {
    char32_t point = 0xFFFD;
    std::size_t bytes = 1;
};
Decoded decode_one(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return {first, 1};
    if (first < 0xC2 || first > 0xF4) return {};
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    char32_t point = first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        const unsigned char low = i > 1 ? 0x80 : first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
        const unsigned char high = i == 1 && first == 0xF4 ? 0x8F : 0xBF;
        if (i >= text.size() || byte(i) < low || byte(i) > high) return {0xFFFD, i};
        point = point << 6 | (byte(i) & 0x3FU);
    }
    return {point, length};
}

void append_utf8(std::string& out, char32_t c) {
    if (is_surrogate(c) || c > 0x10FFFF) c = 0xFFFD;
    if (c < 0x80) {
        out += static_cast<char>(c);
        return;
    }
    const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    constexpr unsigned char marks[] = {0, 0xC0, 0xE0, 0xF0};
    out += static_cast<char>(marks[more] | c >> (6 * more));
    for (int i = more; i-- > 0;) out += static_cast<char>(0x80 | (c >> (6 * i) & 0x3F));
}

icu::UnicodeString to_icu(std::u32string_view text) {
    return icu::UnicodeString::fromUTF32(reinterpret_cast<const UChar32*>(text.data()), static_cast<std::int32_t>(text.size()));
}

std::u32string from_icu(const icu::UnicodeString& text) {
    std::u32string result;
    for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) result += static_cast<char32_t>(text.char32At(i));
    return result;
}

std::u32string normalize(const icu::Normalizer2* form, UErrorCode status, std::u32string_view text) {
    icu::UnicodeString result;
    if (U_SUCCESS(status)) result = form->normalize(to_icu(text), status);
    if (U_FAILURE(status)) throw Error(std::string("ICU cannot normalise text: ") + u_errorName(status));
    return from_icu(result);
}

}  // namespace

std::u32string to_code_points(std::string_view utf8) {
    std::u32string result;
    while (!utf8.empty()) {
        const auto decoded = decode_one(utf8);
        result += decoded.point;
        utf8.remove_prefix(decoded.bytes);
    }
    return result;
}

std::string to_utf8(std::u32string_view text) {
    std::string result;
    for (const char32_t c : text) append_utf8(result, c);
    return result;
}

std::u32string normalize_nfc(std::u32string_view text) {
    UErrorCode status = U_ZERO_ERROR;
    const auto* form = icu::Normalizer2::getNFCInstance(status);
    return normalize(form, status, text);
}

std::u32string normalize_nfkc(std::u32string_view text) {
    UErrorCode status = U_ZERO_ERROR;
    const auto* form = icu::Normalizer2::getNFKCInstance(status);
    return normalize(form, status, text);
}

std::u32string lower_case(std::u32string_view text) { return from_icu(to_icu(text).toLower(icu::Locale::getRoot())); }
std::u32string upper_case(std::u32string_view text) { return from_icu(to_icu(text).toUpper(icu::Locale::getRoot())); }

bool is_space(char32_t c) { return u_isUWhiteSpace(static_cast<UChar32>(c)) != 0; }
bool is_letter(char32_t c) { return (U_GET_GC_MASK(static_cast<UChar32>(c)) & U_GC_L_MASK) != 0; }
bool is_number(char32_t c) { return (U_GET_GC_MASK(static_cast<UChar32>(c)) & U_GC_N_MASK) != 0; }

}  // namespace clipig
