// The tokenizers of SigLIP: cleaned text in pieces, an end token, padding.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "models/piece_model.h"
#include "models/text_clean.h"
#include "models/token_rows.h"
#include "models/tokenizer.h"
#include "models/unicode.h"

namespace clipig {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kGemmaVocabulary = 256000;  // SigLIP 2's, which pads with 0

class PieceTokenizer final : public Tokenizer {
public:
    PieceTokenizer(std::unique_ptr<PieceModel> model, std::int64_t end, std::int64_t padding)
        : model_(std::move(model)), end_(end), padding_(padding) {}

    [[nodiscard]] std::vector<std::int64_t> encode(std::string_view text) const override {
        return model_->encode(to_utf8(canonical_prompt(text)));
    }

    [[nodiscard]] std::vector<std::int64_t> encode_padded(std::string_view text, std::int64_t context, bool truncate) const override {
        const std::size_t room = room_in(context);
        std::vector<std::int64_t> ids = encode(text);
        if (ids.size() > room) {
            if (!truncate) throw InputError(too_long_text(*this, ids, room));
            ids.resize(room);
        }
        return row_of(std::move(ids), context);
    }

    [[nodiscard]] std::vector<std::vector<std::int64_t>> encode_pieces(std::string_view text, std::int64_t context) const override {
        const std::vector<std::int64_t> ids = encode(text);
        const auto word_ends = [&](std::size_t i) { return i + 1 == ids.size() || model_->piece(ids[i + 1]).starts_with(kPieceSpace); };
        std::vector<std::vector<std::int64_t>> rows;
        auto begin = ids.begin();
        for (const std::size_t cut : even_cuts(ids.size(), room_in(context), word_ends)) {
            const auto end = ids.begin() + static_cast<std::ptrdiff_t>(cut);
            rows.push_back(row_of({begin, end}, context));
            begin = end;
        }
        return rows;
    }

    [[nodiscard]] std::string decode(const std::vector<std::int64_t>& ids) const override {
        std::string text;
        for (const std::int64_t id : ids) {
            if (id < 0 || id >= model_->size()) throw InputError(fmt::format("the token {} is not in the vocabulary", id));
            if (id != end_ && id != padding_) append(text, model_->piece(id));
        }
        return to_utf8(to_code_points(text));
    }

    [[nodiscard]] std::int64_t vocabulary_size() const override { return model_->size(); }

private:
    static std::size_t room_in(std::int64_t context) {
        if (context < 2) throw InputError(fmt::format("a context of {} tokens has no room for a word and an end token", context));
        return static_cast<std::size_t>(context - 1);
    }
    [[nodiscard]] std::vector<std::int64_t> row_of(std::vector<std::int64_t> ids, std::int64_t context) const {
        ids.push_back(end_);
        ids.resize(static_cast<std::size_t>(context), padding_);
        return ids;
    }
    /// U+2581 is a space, `<0xE2>` a byte.
    static void append(std::string& text, std::string_view piece) {
        if (piece.size() == 6 && piece.starts_with("<0x")) {
            text += static_cast<char>(std::stoi(std::string(piece.substr(3, 2)), nullptr, 16));
            return;
        }
        for (std::size_t at = 0; at < piece.size();) {
            const bool space = piece.substr(at).starts_with(kPieceSpace);
            text += space ? ' ' : piece[at];
            at += space ? kPieceSpace.size() : 1;
        }
    }

    std::unique_ptr<PieceModel> model_;
    std::int64_t end_, padding_;
};

/// A special token that tokenizer_config.json names, as a string or as {"content": string}.
std::optional<std::int64_t> special(const nlohmann::json& config, const char* key, const PieceModel& model) {
    if (!config.is_object() || !config.contains(key)) return std::nullopt;
    const nlohmann::json& value = config[key].is_object() && config[key].contains("content") ? config[key]["content"] : config[key];
    return value.is_string() ? model.id_of(value.get<std::string>()) : std::nullopt;
}

}  // namespace

std::unique_ptr<Tokenizer> load_pieces(const fs::path& path) {
    auto model = path.extension() == ".json" ? read_tokenizer_json(read_file(path), path.string()) : read_sentencepiece(path);
    std::error_code ignored;
    const fs::path beside = path.parent_path() / "tokenizer_config.json";
    const auto config = fs::exists(beside, ignored) ? nlohmann::json::parse(read_file(beside), nullptr, false) : nlohmann::json();
    const std::int64_t end = special(config, "eos_token", *model).value_or(1);
    const std::int64_t padding = special(config, "pad_token", *model).value_or(model->size() == kGemmaVocabulary ? 0 : end);
    return std::make_unique<PieceTokenizer>(std::move(model), end, padding);
}

}  // namespace clipig
