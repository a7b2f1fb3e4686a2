#include "models/piece_vocabulary.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/piece_model.h"
#include "models/unicode.h"

namespace clipig {

std::size_t character_length(std::string_view text) {
    const auto first = static_cast<unsigned char>(text[0]);
    const std::size_t length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    return std::min(length, text.size());
}

void PieceVocabulary::index(bool byte_fallback) {
    ids.reserve(pieces.size());
    for (std::size_t id = 0; id < pieces.size(); ++id) {
        ids.emplace(pieces[id], static_cast<std::uint32_t>(id));
        longest = std::max(longest, pieces[id].size());
    }
    for (unsigned byte = 0; byte_fallback && byte < 256; ++byte) {
        const auto found = ids.find(fmt::format("<0x{:02X}>", byte));
        if (found != ids.end()) bytes[byte] = found->second;
    }
}

std::string PieceVocabulary::prepared(std::string_view text) const {
    const std::string normal = compatible ? to_utf8(normalize_nfkc(to_code_points(text))) : std::string(text);
    std::string result;
    if (space_first && !normal.empty()) result += kPieceSpace;
    for (const char c : normal) {
        if (c == ' ')
            result += kPieceSpace;
        else
            result += c;
    }
    return result;
}

void PieceVocabulary::append_unknown(std::vector<std::int64_t>& out, std::string_view character) const {
    const bool all =
        std::all_of(character.begin(), character.end(), [this](char c) { return bytes[static_cast<unsigned char>(c)].has_value(); });
    if (all) {
        for (const char c : character) out.push_back(*bytes[static_cast<unsigned char>(c)]);
    } else if (unknown && (out.empty() || out.back() != *unknown)) {  // a run of unknown characters is one unknown piece
        out.push_back(*unknown);
    }
}

}  // namespace clipig
