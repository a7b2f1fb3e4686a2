// Text to token ids: CLIP's byte-level BPE, and the sentencepiece vocabularies of SigLIP.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace clipig {

class Tokenizer {
public:
    virtual ~Tokenizer() = default;
    /// Ids without start and end tokens. Text is cleaned as the original does (see spec: ftfy subset, html, spaces, lower).
    [[nodiscard]] virtual std::vector<std::int64_t> encode(std::string_view text) const = 0;
    /// Ids padded to `context` with start and end. Throws InputError when too long, showing where the text is cut,
    /// unless `truncate` (then the last id is the end token).
    [[nodiscard]] virtual std::vector<std::int64_t> encode_padded(std::string_view text, std::int64_t context, bool truncate) const = 0;
    /// A prompt of any length as rows like those of encode_padded: pieces of about the same length that end where words end.
    [[nodiscard]] virtual std::vector<std::vector<std::int64_t>> encode_pieces(std::string_view text, std::int64_t context) const = 0;
    [[nodiscard]] virtual std::string decode(const std::vector<std::int64_t>& ids) const = 0;
    [[nodiscard]] virtual std::int64_t vocabulary_size() const = 0;
};

/// From `vocab.json` + `merges.txt`, or the original `bpe_simple_vocab_16e6.txt.gz` (by content). Throws InputError.
[[nodiscard]] std::unique_ptr<Tokenizer> load_bpe(const std::filesystem::path& vocabulary, const std::filesystem::path& merges);
[[nodiscard]] std::unique_ptr<Tokenizer> load_bpe_gz(const std::filesystem::path& path);

/// SigLIP's: a sentencepiece `.model`, or a transformers `tokenizer.json` of the kinds Unigram and BPE. Text is cleaned as open_clip's
/// `canonicalize` does. No start token; one end token; padded as the `tokenizer_config.json` beside it says, else with the end token
/// (vocabularies of 256000, Gemma's: with 0). Throws InputError.
[[nodiscard]] std::unique_ptr<Tokenizer> load_pieces(const std::filesystem::path& path);

/// The tokenizer of a model: `vocab.json` + `merges.txt` beside its weights when they are there and have `vocabulary_size` entries,
/// else the bundled original vocabulary when `vocabulary_size` is 49408, else a sentencepiece vocabulary beside the weights
/// (`spiece.model`, `sentencepiece.model`, `tokenizer.model`, `tokenizer.json`), else InputError.
[[nodiscard]] std::unique_ptr<Tokenizer> tokenizer_for(const std::filesystem::path& model_folder_or_file, std::int64_t vocabulary_size);

}  // namespace clipig
