// A byte chooses: 0 tokenizer.json and a text to encode, 1 vocab.json and merges.txt, separated by the byte 0xFF, which is in no UTF-8
// text; else a sentencepiece model.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/error.h"
#include "models/bpe_vocabulary.h"
#include "models/piece_model.h"
#include "models/text_clean.h"
#include "models/token_rows.h"
#include "models/unicode.h"

namespace {

std::string_view take_part(std::string_view& rest) {
    const auto end = rest.find('\xFF');
    const auto part = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return part;
}

/// Ids must be of the vocabulary, and pieces of any length must join to the whole.
void check(const clipig::PieceModel& model, std::string_view text) {
    const auto ids = model.encode(clipig::to_utf8(clipig::canonical_prompt(text)));
    for (const auto id : ids) {
        if (id < 0 || id >= model.size()) std::abort();
    }
    std::size_t begin = 0;
    for (const std::size_t end : clipig::even_cuts(ids.size(), 3, [&](std::size_t i) { return model.piece(ids[i]).size() % 2 == 0; })) {
        if (end < begin || end - begin > 3) std::abort();
        begin = end;
    }
    if (begin != ids.size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    try {
        if (data[0] == 0) {
            const auto json = take_part(rest);
            check(*clipig::read_tokenizer_json(json, "fuzz"), take_part(rest).substr(0, 2000));
        } else if (data[0] != 1) {
            check(*clipig::parse_sentencepiece(rest, "fuzz"), "some words, a number 7 and \u00E9");
        } else {
            const auto vocab = take_part(rest);
            const auto merges = take_part(rest);
            static_cast<void>(clipig::read_bpe(vocab, "vocab", merges, "merges"));
        }
    } catch (const clipig::InputError&) {
    }
    return 0;
}
