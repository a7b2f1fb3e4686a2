// The tables of a byte-level BPE, and where they come from.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/bpe_tables.h"

namespace clipig {

/// Bytes are written as visible characters (33-126, 161-172, 174-255 as themselves, the other 68 as U+0100 and on);
/// the last symbol of a word ends with `</w>`.
struct BpeVocabulary {
    std::vector<std::string> symbols;  ///< by id
    MergeTable merges;
    std::array<std::uint32_t, 256> byte_ids{};       ///< of a byte inside of a word
    std::array<std::uint32_t, 256> last_byte_ids{};  ///< of a byte at the end of a word
    std::uint32_t start = 0;
    std::uint32_t end = 0;
};

/// The character (U+0000..U+0143) that stands for a byte.
[[nodiscard]] char32_t byte_character(unsigned char byte);
/// The byte that a character stands for.
[[nodiscard]] std::optional<unsigned char> byte_of_character(char32_t character);

/// `vocab` is the text of vocab.json, `merges` that of merges.txt. Throws InputError naming the file and the line.
[[nodiscard]] BpeVocabulary read_bpe(std::string_view vocab, const std::string& vocab_name, std::string_view merges,
                                     const std::string& merges_name);

/// The text of bpe_simple_vocab_16e6.txt, of which the first megabyte is enough: 256 bytes, the same with `</w>`, its first 48,894 merges,
/// start, end.
[[nodiscard]] BpeVocabulary read_original_bpe(std::string_view text, const std::string& name);

}  // namespace clipig
