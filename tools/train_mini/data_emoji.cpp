#include "data_emoji.h"

#include <fmt/format.h>
#include <ft2build.h>
#include FT_FREETYPE_H

#include <map>
#include <memory>
#include <optional>
#include <pugixml.hpp>
#include <set>

#include "base/error.h"

namespace clipig::mini {
namespace {

/// The code point of a text of one character (a variation selector after it is allowed), or nothing.
std::optional<char32_t> only_character(std::string text) {
    const std::string selector = "\xEF\xB8\x8F";
    if (const auto at = text.find(selector); at != std::string::npos) text.erase(at, selector.size());
    if (text.empty()) return {};
    const auto first = static_cast<unsigned char>(text[0]);
    const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (text.size() != length) return {};
    char32_t code = length == 1 ? first : first & (0x7Fu >> length);
    for (std::size_t i = 1; i < length; ++i) code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3Fu);
    return code;
}

/// Lower case; what is no letter, digit or space becomes a space, spaces are joined.
std::string plain_words(const std::string& text) {
    std::string out;
    for (const char letter : text) {
        const bool kept = (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
        if (kept) {
            out += letter;
        } else if (letter >= 'A' && letter <= 'Z') {
            out += static_cast<char>(letter - 'A' + 'a');
        } else if (!out.empty() && out.back() != ' ' && static_cast<unsigned char>(letter) < 0x80 && letter != '\'') {
            out += ' ';
        }
    }
    while (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
}

struct Words {
    std::string name;
    std::vector<std::string> keywords;
};

std::map<char32_t, Words> read_annotations(const std::filesystem::path& path) {
    pugi::xml_document document;
    const auto result = document.load_file(path.c_str());
    if (!result)
        throw InputError(fmt::format("{}: {}; Debian has it in the package unicode-cldr-core", path.string(), result.description()));
    std::map<char32_t, Words> all;
    for (const auto& node : document.child("ldml").child("annotations").children("annotation")) {
        const auto code = only_character(node.attribute("cp").as_string());
        if (!code || *code < 0x203C) continue;  // letters, digits and punctuation are no pictures
        Words& words = all[*code];
        const std::string text = node.child_value();
        if (std::string(node.attribute("type").as_string()) == "tts") {
            words.name = plain_words(text);
            continue;
        }
        for (std::size_t begin = 0; begin < text.size();) {
            const std::size_t end = std::min(text.find('|', begin), text.size());
            if (const std::string word = plain_words(text.substr(begin, end - begin)); !word.empty()) words.keywords.push_back(word);
            begin = end + 1;
        }
    }
    return all;
}

using Library = std::unique_ptr<std::remove_pointer_t<FT_Library>, decltype(&FT_Done_FreeType)>;
using Face = std::unique_ptr<std::remove_pointer_t<FT_Face>, decltype(&FT_Done_Face)>;

/// The colour bitmap of a character, or nothing.
std::optional<Sprite> draw_glyph(FT_Face face, char32_t code) {
    const FT_UInt glyph = FT_Get_Char_Index(face, code);
    if (glyph == 0 || FT_Load_Glyph(face, glyph, FT_LOAD_COLOR) != 0) return {};
    const FT_Bitmap& bitmap = face->glyph->bitmap;
    if (bitmap.pixel_mode != FT_PIXEL_MODE_BGRA || bitmap.width < 32 || bitmap.rows < 32) return {};
    std::vector<std::uint8_t> rgba(std::size_t{4} * bitmap.width * bitmap.rows);
    for (unsigned y = 0; y < bitmap.rows; ++y) {
        const unsigned char* row = bitmap.buffer + static_cast<std::ptrdiff_t>(y) * bitmap.pitch;
        for (unsigned x = 0; x < bitmap.width; ++x) {
            std::uint8_t* to = rgba.data() + std::size_t{4} * (y * bitmap.width + x);
            to[0] = row[4 * x + 2];
            to[1] = row[4 * x + 1];
            to[2] = row[4 * x];
            to[3] = row[4 * x + 3];
        }
    }
    return Sprite(bitmap.width, bitmap.rows, std::move(rgba));
}

Face open_font(FT_Library library, const std::filesystem::path& path) {
    FT_Face face = nullptr;
    if (FT_New_Face(library, path.c_str(), 0, &face) != 0) {
        throw InputError(fmt::format("{}: cannot be read; Debian has it in the package fonts-noto-color-emoji", path.string()));
    }
    Face owned(face, &FT_Done_Face);
    if (face->num_fixed_sizes < 1 || FT_Select_Size(face, 0) != 0)
        throw InputError(fmt::format("{}: has no colour bitmaps", path.string()));
    return owned;
}

}  // namespace

std::vector<Emoji> load_emoji(const std::filesystem::path& font, const std::filesystem::path& annotations) {
    FT_Library raw = nullptr;
    if (FT_Init_FreeType(&raw) != 0) throw Error("FreeType does not start");
    const Library library(raw, &FT_Done_FreeType);
    const Face face = open_font(library.get(), font);
    std::vector<Emoji> list;
    std::set<std::string> names;
    for (auto& [code, words] : read_annotations(annotations)) {
        if (words.name.empty()) continue;
        auto sprite = draw_glyph(face.get(), code);
        if (sprite && names.insert(words.name).second) list.push_back({words.name, std::move(words.keywords), std::move(*sprite)});
    }
    if (list.empty())
        throw InputError(fmt::format("{}: no character of {} has a colour bitmap in it", font.string(), annotations.string()));
    return list;
}

}  // namespace clipig::mini
