// CLIP's byte-level BPE (https://github.com/openai/CLIP, clip/simple_tokenizer.py).
#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "models/bpe_split.h"
#include "models/bpe_vocabulary.h"
#include "models/inflate.h"
#include "models/tensor_table.h"
#include "models/text_clean.h"
#include "models/token_rows.h"
#include "models/tokenizer.h"
#include "models/unicode.h"

namespace clipig {
namespace {

constexpr std::uint64_t kVocabularyNeeded = 1ULL << 20;  // the merges in use are the first 0.5 of 3.2 MB

class BpeTokenizer final : public Tokenizer {
public:
    explicit BpeTokenizer(BpeVocabulary vocabulary) : vocabulary_(std::move(vocabulary)) {}

    [[nodiscard]] std::vector<std::int64_t> encode(std::string_view text) const override {
        std::vector<std::int64_t> ids;
        const auto cleaned = clean_prompt(text);
        for (const auto word : split_prompt(cleaned)) {
            const std::string utf8 = to_utf8(word);
            if (utf8 == vocabulary_.symbols[vocabulary_.start])
                ids.push_back(vocabulary_.start);
            else if (utf8 == vocabulary_.symbols[vocabulary_.end])
                ids.push_back(vocabulary_.end);
            else
                append_word(ids, utf8);
        }
        return ids;
    }

    [[nodiscard]] std::vector<std::int64_t> encode_padded(std::string_view text, std::int64_t context, bool truncate) const override {
        const auto room = room_in(context);
        auto ids = encode(text);
        if (ids.size() > room) {
            if (!truncate) throw InputError(too_long_text(*this, ids, room));
            ids.resize(room);
        }
        return row_of(ids.begin(), ids.end(), context);
    }

    [[nodiscard]] std::vector<std::vector<std::int64_t>> encode_pieces(std::string_view text, std::int64_t context) const override {
        const auto ids = encode(text);
        const auto word_ends = [&](std::size_t i) { return vocabulary_.symbols[static_cast<std::size_t>(ids[i])].ends_with("</w>"); };
        std::vector<std::vector<std::int64_t>> rows;
        auto begin = ids.begin();
        for (const std::size_t end : even_cuts(ids.size(), room_in(context), word_ends)) {
            rows.push_back(row_of(begin, ids.begin() + static_cast<std::ptrdiff_t>(end), context));
            begin = ids.begin() + static_cast<std::ptrdiff_t>(end);
        }
        return rows;
    }

    [[nodiscard]] std::string decode(const std::vector<std::int64_t>& ids) const override {
        std::string bytes;
        for (const auto id : ids) {
            if (id < 0 || id >= vocabulary_size()) throw InputError("the token " + std::to_string(id) + " is not in the vocabulary");
            for (const char32_t c : to_code_points(vocabulary_.symbols[static_cast<std::size_t>(id)])) {
                if (const auto byte = byte_of_character(c)) bytes += static_cast<char>(*byte);
            }
        }
        std::string text = to_utf8(to_code_points(bytes));  // broken UTF-8 becomes U+FFFD, as in the original
        constexpr std::string_view mark = "</w>";
        for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) text.replace(at, mark.size(), " ");
        return text;
    }

    [[nodiscard]] std::int64_t vocabulary_size() const override { return static_cast<std::int64_t>(vocabulary_.symbols.size()); }

private:
    using Iterator = std::vector<std::int64_t>::const_iterator;

    static std::size_t room_in(std::int64_t context) {
        if (context < 3)
            throw InputError("a context of " + std::to_string(context) + " tokens has no room for a start, a word and an end token");
        return static_cast<std::size_t>(context - 2);
    }

    [[nodiscard]] std::vector<std::int64_t> row_of(Iterator begin, Iterator end, std::int64_t context) const {
        std::vector<std::int64_t> row{vocabulary_.start};
        row.insert(row.end(), begin, end);
        row.push_back(vocabulary_.end);
        row.resize(static_cast<std::size_t>(context), 0);
        return row;
    }

    /// Joins the pair of lowest rank, everywhere from left to right, until no pair is known.
    void append_word(std::vector<std::int64_t>& ids, std::string_view word) const {
        std::vector<std::uint32_t> symbols;
        for (const char byte : word) symbols.push_back(vocabulary_.byte_ids[static_cast<unsigned char>(byte)]);
        symbols.back() = vocabulary_.last_byte_ids[static_cast<unsigned char>(word.back())];
        while (symbols.size() > 1) {
            const auto* best = best_pair(symbols);
            if (best == nullptr) break;
            join(symbols, *best);
        }
        ids.insert(ids.end(), symbols.begin(), symbols.end());
    }

    [[nodiscard]] const MergeTable::Merge* best_pair(const std::vector<std::uint32_t>& symbols) const {
        const MergeTable::Merge* best = nullptr;
        for (std::size_t i = 0; i + 1 < symbols.size(); ++i) {
            const auto* found = vocabulary_.merges.find(static_cast<std::uint64_t>(symbols[i]) << 32 | symbols[i + 1]);
            if (found == nullptr || (best != nullptr && found->rank >= best->rank)) continue;
            best = found;
        }
        return best;
    }

    static void join(std::vector<std::uint32_t>& symbols, const MergeTable::Merge& merge) {
        const auto left = static_cast<std::uint32_t>(merge.pair >> 32);
        const auto right = static_cast<std::uint32_t>(merge.pair);
        std::size_t out = 0;
        for (std::size_t i = 0; i < symbols.size(); ++i) {
            const bool match = i + 1 < symbols.size() && symbols[i] == left && symbols[i + 1] == right;
            symbols[out++] = match ? merge.result : symbols[i];
            if (match) ++i;
        }
        symbols.resize(out);
    }

    BpeVocabulary vocabulary_;
};

}  // namespace

std::unique_ptr<Tokenizer> load_bpe(const std::filesystem::path& vocabulary, const std::filesystem::path& merges) {
    return std::make_unique<BpeTokenizer>(read_bpe(read_file(vocabulary), vocabulary.string(), read_file(merges), merges.string()));
}

std::unique_ptr<Tokenizer> load_bpe_gz(const std::filesystem::path& path) {
    std::string content = read_file(path);
    if (content.starts_with("\x1f\x8b")) {
        auto text = inflate_first({reinterpret_cast<const std::byte*>(content.data()), content.size()}, Deflated::gzip, kVocabularyNeeded);
        if (!text) refuse(path.string(), "its gzip data are damaged");
        content = std::move(*text);
    }
    return std::make_unique<BpeTokenizer>(read_original_bpe(content, path.string()));
}

}  // namespace clipig
