// Vocabularies of pieces: text in which U+2581 stands for a space, cut into pieces that each have an id.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace clipig {

inline constexpr std::string_view kPieceSpace = "\xE2\x96\x81";  ///< U+2581, in UTF-8

class PieceModel {
public:
    virtual ~PieceModel() = default;
    /// UTF-8 with single spaces -> ids, without start and end.
    [[nodiscard]] virtual std::vector<std::int64_t> encode(std::string_view text) const = 0;
    [[nodiscard]] virtual const std::string& piece(std::int64_t id) const = 0;
    [[nodiscard]] virtual std::optional<std::int64_t> id_of(std::string_view piece) const = 0;
    [[nodiscard]] virtual std::int64_t size() const = 0;
};

/// A sentencepiece `.model` (unigram or BPE). Its compiled character tables are taken as NFKC. Throws InputError.
[[nodiscard]] std::unique_ptr<PieceModel> read_sentencepiece(const std::filesystem::path& path);
[[nodiscard]] std::unique_ptr<PieceModel> parse_sentencepiece(std::string_view data, const std::string& name);

/// transformers' tokenizer.json with a model of the kind Unigram or BPE. Of its normaliser, Precompiled (which holds compiled character
/// tables) is taken as NFKC, and steps that cleaned text does not need are skipped. Throws InputError naming what is not known.
[[nodiscard]] std::unique_ptr<PieceModel> read_tokenizer_json(std::string_view text, const std::string& name);

}  // namespace clipig
