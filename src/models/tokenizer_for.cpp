#include <fmt/format.h>

#include "base/error.h"
#include "models/catalogue.h"
#include "models/tokenizer.h"

namespace clipig {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kOriginalVocabulary = 49408;

/// The tokenizer when it has exactly (pieces: at most) as many entries as the model; else a remark for the message.
std::unique_ptr<Tokenizer> fitting(std::unique_ptr<Tokenizer> tokenizer, const fs::path& path, std::int64_t wanted, bool exactly,
                                   std::string& found) {
    const std::int64_t size = tokenizer->vocabulary_size();
    if (size == wanted || (!exactly && size < wanted)) return tokenizer;
    found += fmt::format("; '{}' has {}", path.string(), size);
    return nullptr;
}

}  // namespace

std::unique_ptr<Tokenizer> tokenizer_for(const fs::path& model_folder_or_file, std::int64_t vocabulary_size) {
    std::error_code ignored;
    const auto folder = fs::is_directory(model_folder_or_file, ignored) ? model_folder_or_file : model_folder_or_file.parent_path();
    const auto vocabulary = folder / "vocab.json";
    const auto merges = folder / "merges.txt";
    std::string found;
    if (fs::exists(vocabulary, ignored) && fs::exists(merges, ignored)) {
        if (auto tokenizer = fitting(load_bpe(vocabulary, merges), vocabulary, vocabulary_size, true, found)) return tokenizer;
    }
    if (vocabulary_size == kOriginalVocabulary) return load_bpe_gz(bundled_models() / "bpe_simple_vocab_16e6.txt.gz");
    for (const char* name : {"spiece.model", "sentencepiece.model", "tokenizer.model", "tokenizer.json"}) {
        if (!fs::exists(folder / name, ignored)) continue;
        if (auto tokenizer = fitting(load_pieces(folder / name), folder / name, vocabulary_size, false, found)) return tokenizer;
    }
    throw InputError(
        fmt::format("the model '{}' has a vocabulary of {} tokens, which is not CLIP's own of 49408{}. Put its vocabulary beside the "
                    "weights: vocab.json and merges.txt, or spiece.model, tokenizer.model or tokenizer.json",
                    model_folder_or_file.string(), vocabulary_size, found));
}

}  // namespace clipig
