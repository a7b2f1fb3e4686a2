// tokenizer.json (https://github.com/huggingface/tokenizers) of the kinds that SigLIP and SigLIP 2 have.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "models/piece_models.h"
#include "models/strict_json.h"
#include "models/tensor_table.h"

namespace clipig {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostPieces = 10'000'000;

/// Reads one file; every refusal names it.
class Reader {
public:
    Reader(const Json& root, const std::string& name) : root_(root), name_(name) {}

    std::unique_ptr<PieceModel> read() {
        const Json& model = object(root_, "model");
        if (const auto found = root_.find("normalizer"); found != root_.end()) normalizer(*found);
        if (const auto found = root_.find("pre_tokenizer"); found != root_.end()) pre_tokenizer(*found);
        const std::string type = text(model, "type");
        const bool fallback = model.contains("byte_fallback") && model["byte_fallback"] == true;
        if (type == "Unigram") return unigram(model, fallback);
        if (type == "BPE") return pairs(model, fallback);
        refuse(name_, "its model is of the kind '" + shown(type) + "'; Unigram and BPE are supported");
    }

private:
    [[nodiscard]] const Json& object(const Json& from, const char* key) const {
        const auto found = from.is_object() ? from.find(key) : from.end();
        if (!from.is_object() || found == from.end() || !found->is_object()) refuse(name_, std::string("it has no object \"") + key + "\"");
        return *found;
    }
    [[nodiscard]] std::string text(const Json& from, const char* key) const {
        const auto found = from.find(key);
        return found != from.end() && found->is_string() ? found->get<std::string>() : std::string();
    }
    [[nodiscard]] const Json& list(const Json& from, const char* key) const {
        const auto found = from.find(key);
        if (found == from.end() || !found->is_array()) refuse(name_, std::string("its \"") + key + "\" is no list");
        return *found;
    }

    void normalizer(const Json& step) {
        if (!step.is_object()) return;
        const std::string type = text(step, "type");
        if (type == "Sequence") {
            for (const Json& part : list(step, "normalizers")) normalizer(part);
        } else if (type == "Precompiled" || type == "NFKC") {
            vocabulary_.compatible = true;
        } else if (type == "Prepend") {
            vocabulary_.space_first = true;
        } else {
            // the cleaning before has lowered the case, removed punctuation and collapsed spaces; NFC is part of it
            static const std::vector<std::string> kDone{"Lowercase", "Strip", "Replace", "NFC"};
            if (std::find(kDone.begin(), kDone.end(), type) == kDone.end())
                refuse(name_, "its normalizer '" + shown(type) + "' is not supported");
        }
    }

    void pre_tokenizer(const Json& step) {
        if (!step.is_object()) return;
        const std::string type = text(step, "type");
        if (type == "Sequence") {
            for (const Json& part : list(step, "pretokenizers")) pre_tokenizer(part);
        } else if (type == "Metaspace") {
            const std::string scheme = text(step, "prepend_scheme");
            const bool old_flag = !step.contains("add_prefix_space") || step["add_prefix_space"] == true;
            vocabulary_.space_first = vocabulary_.space_first || (scheme.empty() ? old_flag : scheme != "never");
        } else if (type != "WhitespaceSplit" && type != "Split") {
            refuse(name_, "its pre_tokenizer '" + shown(type) + "' is not supported");
        }
    }

    std::unique_ptr<PieceModel> unigram(const Json& model, bool fallback) {
        const Json& entries = list(model, "vocab");
        if (entries.empty() || entries.size() > kMostPieces)
            refuse(name_, "its vocabulary has " + std::to_string(entries.size()) + " pieces");
        std::vector<double> scores;
        for (const Json& entry : entries) {
            if (!entry.is_array() || entry.size() != 2 || !entry[0].is_string() || !entry[1].is_number()) {
                refuse(name_, "entry " + std::to_string(scores.size()) + " of its vocabulary is no [piece, score]");
            }
            vocabulary_.pieces.push_back(entry[0].get<std::string>());
            scores.push_back(entry[1].get<double>());
        }
        if (const auto found = model.find("unk_id"); found != model.end() && found->is_number_unsigned()) {
            if (found->get<std::uint64_t>() >= scores.size()) refuse(name_, "its unk_id is not in its vocabulary");
            vocabulary_.unknown = found->get<std::uint32_t>();
        }
        vocabulary_.index(fallback);
        return make_unigram_model(std::move(vocabulary_), std::move(scores));
    }

    std::unique_ptr<PieceModel> pairs(const Json& model, bool fallback) {
        const Json& vocab = object(model, "vocab");
        if (vocab.empty() || vocab.size() > kMostPieces) refuse(name_, "its vocabulary has " + std::to_string(vocab.size()) + " pieces");
        std::vector<std::string>& pieces = vocabulary_.pieces;
        pieces.resize(vocab.size());
        for (const auto& [piece, id] : vocab.items()) {
            if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= pieces.size() || piece.empty() ||
                !pieces[id.get<std::size_t>()].empty()) {
                refuse(name_, "the id of '" + shown(piece) + "' is taken or not a whole number below " + std::to_string(pieces.size()));
            }
            pieces[id.get<std::size_t>()] = piece;
        }
        vocabulary_.index(fallback);
        if (const auto found = vocabulary_.ids.find(text(model, "unk_token")); found != vocabulary_.ids.end())
            vocabulary_.unknown = found->second;
        PieceMerges merges;
        std::uint32_t rank = 0;
        for (const Json& merge : list(model, "merges")) {
            const auto [left, right] = pair_of(merge);
            merges.try_emplace(std::uint64_t{id_of(left)} << 32 | id_of(right), rank, id_of(left + right));
            ++rank;
        }
        return make_pair_model(std::move(vocabulary_), std::move(merges));
    }

    /// `"a b"` or `["a", "b"]`.
    [[nodiscard]] std::pair<std::string, std::string> pair_of(const Json& merge) const {
        if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
            return {merge[0].get<std::string>(), merge[1].get<std::string>()};
        }
        if (merge.is_string()) {
            const auto both = merge.get<std::string>();
            const auto space = both.find(' ');
            if (space != std::string::npos) return {both.substr(0, space), both.substr(space + 1)};
        }
        refuse(name_, "an entry of its merges is no pair of pieces");
    }
    [[nodiscard]] std::uint32_t id_of(const std::string& piece) const {
        const auto found = vocabulary_.ids.find(piece);
        if (found == vocabulary_.ids.end()) refuse(name_, "its merges name '" + shown(piece) + "', which is not in the vocabulary");
        return found->second;
    }

    const Json& root_;
    std::string name_;
    PieceVocabulary vocabulary_;
};

}  // namespace

std::unique_ptr<PieceModel> read_tokenizer_json(std::string_view text, const std::string& name) {
    const Json root = parse_strict_json(text, name);
    return Reader(root, name).read();
}

}  // namespace clipig
