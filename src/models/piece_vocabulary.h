// What the two kinds of tokenizer.json have in common: pieces with ids, bytes for what no piece covers, preparation of the text.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace clipig {

struct PieceVocabulary {
    std::vector<std::string> pieces;                          ///< by id
    std::unordered_map<std::string_view, std::uint32_t> ids;  ///< views into `pieces`
    std::optional<std::uint32_t> unknown;
    std::array<std::optional<std::uint32_t>, 256> bytes{};  ///< of `<0x00>` .. `<0xFF>`; empty without byte fallback
    std::size_t longest = 1;                                ///< bytes of the longest piece
    bool space_first = false;                               ///< the text gets a space before its first word
    bool compatible = false;                                ///< NFKC first

    /// Fills `ids`, `bytes` (when `byte_fallback`) and `longest` from `pieces`, which must not move afterwards.
    void index(bool byte_fallback);
    /// The text as it is cut into pieces: normalised, U+2581 for spaces.
    [[nodiscard]] std::string prepared(std::string_view text) const;
    /// Ids for a character that no piece covers.
    void append_unknown(std::vector<std::int64_t>& ids, std::string_view character) const;
};

/// Length in bytes of the UTF-8 character at the start of a text that is not empty.
[[nodiscard]] std::size_t character_length(std::string_view text);

}  // namespace clipig
