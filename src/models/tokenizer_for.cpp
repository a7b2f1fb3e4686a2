#include "base/error.h"
#include "models/catalogue.h"
#include "models/tokenizer.h"

namespace clipig {
namespace {

constexpr std::int64_t kOriginalVocabulary = 49408;

}  // namespace

std::unique_ptr<Tokenizer> tokenizer_for(const std::filesystem::path& model_folder_or_file, std::int64_t vocabulary_size) {
    namespace fs = std::filesystem;
    std::error_code ignored;
    const auto folder = fs::is_directory(model_folder_or_file, ignored) ? model_folder_or_file : model_folder_or_file.parent_path();
    const auto vocabulary = folder / "vocab.json";
    const auto merges = folder / "merges.txt";
    const bool beside = fs::exists(vocabulary, ignored) && fs::exists(merges, ignored);
    std::string found;
    if (beside) {
        auto tokenizer = load_bpe(vocabulary, merges);
        if (tokenizer->vocabulary_size() == vocabulary_size) return tokenizer;
        found = "; '" + vocabulary.string() + "' has " + std::to_string(tokenizer->vocabulary_size());
    }
    if (vocabulary_size == kOriginalVocabulary) return load_bpe_gz(bundled_models() / "bpe_simple_vocab_16e6.txt.gz");
    throw InputError("the model '" + model_folder_or_file.string() + "' has a vocabulary of " + std::to_string(vocabulary_size) +
                     " tokens, which is not CLIP's own of 49408" + found + ". Put its vocab.json and merges.txt beside the weights");
}

}  // namespace clipig
