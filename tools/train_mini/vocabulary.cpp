#include "vocabulary.h"

#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/files.h"
#include "models/bpe_split.h"
#include "models/bpe_vocabulary.h"
#include "models/unicode.h"

namespace clipig::mini {
namespace {

using Pair = std::pair<std::string, std::string>;
struct Word {
    std::vector<std::string> symbols;
    std::int64_t count = 0;
};

std::string symbol_of(unsigned char byte) {
    const char32_t character = byte_character(byte);
    return to_utf8({&character, 1});
}

/// Every word of the captions as symbols of one byte, the last with `</w>`.
std::vector<Word> words_of(const std::vector<std::string>& captions) {
    std::map<std::string, std::int64_t> counts;
    for (const std::string& caption : captions) {
        const std::u32string text = to_code_points(caption);
        for (const auto word : split_prompt(text)) ++counts[to_utf8(word)];
    }
    std::vector<Word> words;
    for (const auto& [text, count] : counts) {
        Word word{{}, count};
        for (const char byte : text) word.symbols.push_back(symbol_of(static_cast<unsigned char>(byte)));
        word.symbols.back() += "</w>";
        words.push_back(std::move(word));
    }
    return words;
}

void join(Word& word, const Pair& pair) {
    std::vector<std::string> joined;
    for (std::size_t i = 0; i < word.symbols.size(); ++i) {
        if (i + 1 < word.symbols.size() && word.symbols[i] == pair.first && word.symbols[i + 1] == pair.second) {
            joined.push_back(pair.first + pair.second);
            ++i;
        } else {
            joined.push_back(word.symbols[i]);
        }
    }
    word.symbols = std::move(joined);
}

std::vector<Pair> learn(std::vector<Word> words, std::int64_t merges) {
    std::vector<Pair> list;
    while (static_cast<std::int64_t>(list.size()) < merges) {
        std::map<Pair, std::int64_t> counts;
        for (const Word& word : words) {
            for (std::size_t i = 0; i + 1 < word.symbols.size(); ++i) counts[{word.symbols[i], word.symbols[i + 1]}] += word.count;
        }
        const Pair* best = nullptr;
        std::int64_t most = 1;
        for (const auto& [pair, count] : counts) {
            if (count > most) most = count, best = &pair;
        }
        if (best == nullptr) break;
        list.push_back(*best);
        for (Word& word : words) join(word, list.back());
    }
    return list;
}

}  // namespace

void write_vocabulary(const std::filesystem::path& folder, const std::vector<std::string>& captions, std::int64_t merges) {
    nlohmann::ordered_json ids;
    std::int64_t next = 0;
    const auto add = [&](const std::string& symbol) { ids[symbol] = next++; };
    for (const char* end : {"", "</w>"}) {
        for (unsigned byte = 0; byte < 256; ++byte) add(symbol_of(static_cast<unsigned char>(byte)) + end);
    }
    std::string text = "#version: 0.2\n";
    for (const auto& [left, right] : learn(words_of(captions), merges)) {
        // two joins can make the same symbol; it has one id
        if (!ids.contains(left + right)) add(left + right);
        text += left + " " + right + "\n";
    }
    add("<|startoftext|>");
    add("<|endoftext|>");
    std::filesystem::create_directories(folder);
    write_file_atomic(folder / "vocab.json", ids.dump());
    write_file_atomic(folder / "merges.txt", text);
}

}  // namespace clipig::mini
