#include "models/bpe_vocabulary.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "models/strict_json.h"
#include "models/tensor_table.h"
#include "models/unicode.h"

namespace clipig {
namespace {

constexpr std::size_t kOriginalMerges = 49152 - 256 - 2;
constexpr std::size_t kMostSymbols = 10'000'000;
constexpr std::string_view kStart = "<|startoftext|>";
constexpr std::string_view kEnd = "<|endoftext|>";

bool visible(unsigned byte) { return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174; }

/// The characters of all bytes; invisible bytes take U+0100 and on in their order.
const std::array<char32_t, 256>& byte_characters() {
    static const auto table = [] {
        std::array<char32_t, 256> made{};
        char32_t next = 0x100;
        for (unsigned byte = 0; byte < 256; ++byte) made[byte] = visible(byte) ? byte : next++;
        return made;
    }();
    return table;
}

std::string byte_symbol(unsigned byte) { return to_utf8(std::u32string(1, byte_characters()[byte])); }

/// One line of a file of merges, at the start of `text`, which is shortened by it.
std::string_view take_line(std::string_view& text) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

struct Pair {
    std::string_view left;
    std::string_view right;
};

Pair parse_pair(std::string_view line, std::size_t number, const std::string& name) {
    const auto space = line.find(' ');
    const bool two =
        space != std::string_view::npos && space > 0 && space + 1 < line.size() && line.find(' ', space + 1) == std::string_view::npos;
    if (!two) refuse(name, "its line " + std::to_string(number) + " is no pair of symbols: '" + shown(line) + "'");
    return {line.substr(0, space), line.substr(space + 1)};
}

void add_merge(BpeVocabulary& vocabulary, const SymbolIndex& ids, const Pair& pair, std::uint32_t result, std::size_t number,
               const std::string& name) {
    std::uint64_t key = 0;
    for (const auto symbol : {pair.left, pair.right}) {
        const auto* id = ids.find(symbol);
        if (id == nullptr)
            refuse(name, "its line " + std::to_string(number) + " joins '" + shown(symbol) + "', which is not in the vocabulary");
        key = key << 32 | *id;
    }
    if (!vocabulary.merges.add(key, result)) {
        refuse(name,
               "its line " + std::to_string(number) + " joins the same pair again: '" + shown(pair.left) + " " + shown(pair.right) + "'");
    }
}

std::uint32_t id_of(const SymbolIndex& ids, std::string_view symbol, const std::string& name) {
    const auto* found = ids.find(symbol);
    if (found == nullptr) refuse(name, "the symbol '" + shown(symbol) + "' is not in the vocabulary; it is not one of CLIP");
    return *found;
}

void find_fixed_symbols(BpeVocabulary& vocabulary, const SymbolIndex& ids, const std::string& name) {
    for (unsigned byte = 0; byte < 256; ++byte) {
        vocabulary.byte_ids[byte] = id_of(ids, byte_symbol(byte), name);
        vocabulary.last_byte_ids[byte] = id_of(ids, byte_symbol(byte) + "</w>", name);
    }
    vocabulary.start = id_of(ids, kStart, name);
    vocabulary.end = id_of(ids, kEnd, name);
}

std::vector<std::string> symbols_of(const nlohmann::json& vocab, const std::string& name) {
    if (!vocab.is_object() || vocab.empty() || vocab.size() > kMostSymbols)
        refuse(name, "it is not a vocabulary: an object {\"symbol\": id, ..}");
    std::vector<std::string> symbols(vocab.size());
    std::vector<bool> taken(vocab.size(), false);
    for (const auto& [symbol, id] : vocab.items()) {
        if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= symbols.size()) {
            refuse(name, "the id of '" + shown(symbol) + "' is not a whole number below " + std::to_string(symbols.size()));
        }
        const auto index = id.get<std::size_t>();
        if (taken[index]) refuse(name, "the id " + std::to_string(index) + " comes twice");
        taken[index] = true;
        symbols[index] = symbol;
    }
    return symbols;
}

}  // namespace

char32_t byte_character(unsigned char byte) { return byte_characters()[byte]; }

std::optional<unsigned char> byte_of_character(char32_t character) {
    const auto& table = byte_characters();
    if (character < 256 && table[character] == character) return static_cast<unsigned char>(character);
    for (unsigned byte = 0; byte < 256; ++byte) {
        if (table[byte] == character) return static_cast<unsigned char>(byte);
    }
    return std::nullopt;
}

BpeVocabulary read_bpe(std::string_view vocab, const std::string& vocab_name, std::string_view merges, const std::string& merges_name) {
    BpeVocabulary vocabulary;
    vocabulary.symbols = symbols_of(parse_strict_json(vocab, vocab_name), vocab_name);
    const SymbolIndex ids(vocabulary.symbols, vocabulary.symbols.size());
    find_fixed_symbols(vocabulary, ids, vocab_name);
    vocabulary.merges = MergeTable(static_cast<std::size_t>(std::count(merges.begin(), merges.end(), '\n')) + 1);
    std::string joined;
    for (std::size_t number = 1; !merges.empty(); ++number) {
        const auto line = take_line(merges);
        if (line.empty() || (number == 1 && line.starts_with("#version"))) continue;
        const auto pair = parse_pair(line, number, merges_name);
        joined.assign(pair.left).append(pair.right);
        add_merge(vocabulary, ids, pair, id_of(ids, joined, merges_name), number, merges_name);
    }
    return vocabulary;
}

BpeVocabulary read_original_bpe(std::string_view text, const std::string& name) {
    BpeVocabulary vocabulary;
    auto& symbols = vocabulary.symbols;
    symbols.reserve(512 + kOriginalMerges + 2);
    for (const char* suffix : {"", "</w>"}) {
        for (const bool wanted : {true, false}) {
            for (unsigned byte = 0; byte < 256; ++byte) {
                if (visible(byte) == wanted) symbols.push_back(byte_symbol(byte) + suffix);
            }
        }
    }
    SymbolIndex ids(symbols, 512 + kOriginalMerges + 2);
    vocabulary.merges = MergeTable(kOriginalMerges);
    take_line(text);  // the version
    for (std::size_t number = 2; number < kOriginalMerges + 2; ++number) {
        if (text.empty())
            refuse(name, "it has fewer than " + std::to_string(kOriginalMerges) + " merges: it is cut off or another vocabulary");
        const auto pair = parse_pair(take_line(text), number, name);
        const auto id = static_cast<std::uint32_t>(symbols.size());
        add_merge(vocabulary, ids, pair, id, number, name);
        symbols.emplace_back(pair.left).append(pair.right);
        ids.add(id);
    }
    for (const auto special : {kStart, kEnd}) {
        symbols.emplace_back(special);
        ids.add(static_cast<std::uint32_t>(symbols.size() - 1));
    }
    find_fixed_symbols(vocabulary, ids, name);
    return vocabulary;
}

}  // namespace clipig
