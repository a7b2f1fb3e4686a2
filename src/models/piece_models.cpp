// The two ways of cutting a text into pieces.
#include "models/piece_models.h"

#include <algorithm>
#include <limits>

namespace clipig {
namespace {

/// What does not depend on how a text is cut.
class VocabularyModel : public PieceModel {
public:
    [[nodiscard]] const std::string& piece(std::int64_t id) const override { return vocabulary_.pieces.at(static_cast<std::size_t>(id)); }
    [[nodiscard]] std::optional<std::int64_t> id_of(std::string_view piece) const override {
        const auto found = vocabulary_.ids.find(piece);
        return found == vocabulary_.ids.end() ? std::nullopt : std::optional<std::int64_t>(found->second);
    }
    [[nodiscard]] std::int64_t size() const override { return static_cast<std::int64_t>(vocabulary_.pieces.size()); }

protected:
    explicit VocabularyModel(PieceVocabulary vocabulary) : vocabulary_(std::move(vocabulary)) {}

    PieceVocabulary vocabulary_;
};

/// The most probable cut into pieces (Kudo, "Subword regularization", 2018), found by Viterbi's algorithm.
class UnigramModel final : public VocabularyModel {
public:
    UnigramModel(PieceVocabulary vocabulary, std::vector<double> scores)
        : VocabularyModel(std::move(vocabulary)), scores_(std::move(scores)) {
        constexpr double kUnknownPenalty = 10;  // sentencepiece's kUnkPenalty
        unknown_score_ = *std::min_element(scores_.begin(), scores_.end()) - kUnknownPenalty;
    }

    [[nodiscard]] std::vector<std::int64_t> encode(std::string_view text) const override {
        const std::string whole = vocabulary_.prepared(text);
        const std::vector<Step> steps = best_steps(whole);
        std::vector<std::pair<std::size_t, std::size_t>> spans;
        for (std::size_t end = whole.size(); end > 0; end = steps[end].begin) spans.emplace_back(steps[end].begin, end);
        std::vector<std::int64_t> ids;
        for (auto span = spans.rbegin(); span != spans.rend(); ++span) {
            const Step& step = steps[span->second];
            if (step.id != kNoPiece)
                ids.push_back(step.id);
            else
                vocabulary_.append_unknown(ids, std::string_view(whole).substr(span->first, span->second - span->first));
        }
        return ids;
    }

private:
    static constexpr std::uint32_t kNoPiece = std::numeric_limits<std::uint32_t>::max();
    struct Step {
        double score = -std::numeric_limits<double>::infinity();
        std::size_t begin = 0;
        std::uint32_t id = kNoPiece;
    };

    /// For each end of a character, the best way to reach it.
    [[nodiscard]] std::vector<Step> best_steps(std::string_view text) const {
        std::vector<Step> steps(text.size() + 1);
        steps[0].score = 0;
        for (std::size_t begin = 0; begin < text.size(); begin += character_length(text.substr(begin))) {
            const auto offer = [&](std::size_t length, double score, std::uint32_t id) {
                Step& step = steps[begin + length];
                if (steps[begin].score + score > step.score) step = {steps[begin].score + score, begin, id};
            };
            const std::size_t one = character_length(text.substr(begin));
            bool covered = false;
            for (std::size_t length = one; begin + length <= text.size() && length <= vocabulary_.longest;) {
                const auto found = vocabulary_.ids.find(text.substr(begin, length));
                if (found != vocabulary_.ids.end() && found->second != vocabulary_.unknown) {
                    offer(length, scores_[found->second], found->second);
                    covered = covered || length == one;
                }
                if (begin + length == text.size()) break;
                length += character_length(text.substr(begin + length));
            }
            if (!covered) offer(one, unknown_score_, kNoPiece);
        }
        return steps;
    }

    std::vector<double> scores_;
    double unknown_score_ = 0;
};

/// Joins the neighbours of lowest rank until none is known (Sennrich et al., "Neural machine translation of rare words", 2016).
class PairModel final : public VocabularyModel {
public:
    PairModel(PieceVocabulary vocabulary, PieceMerges merges) : VocabularyModel(std::move(vocabulary)), merges_(std::move(merges)) {}

    [[nodiscard]] std::vector<std::int64_t> encode(std::string_view text) const override {
        const std::string whole = vocabulary_.prepared(text);
        std::vector<std::int64_t> ids;
        for (std::size_t begin = 0; begin < whole.size();) {  // no piece crosses the single spaces of cleaned text
            std::size_t end = whole.find(kPieceSpace, begin + 1);
            if (end == std::string::npos) end = whole.size();
            append_word(ids, std::string_view(whole).substr(begin, end - begin));
            begin = end;
        }
        return ids;
    }

private:
    void append_word(std::vector<std::int64_t>& ids, std::string_view word) const {
        std::vector<std::int64_t> symbols;
        for (std::size_t at = 0; at < word.size();) {
            const auto character = word.substr(at, character_length(word.substr(at)));
            if (const auto known = id_of(character))
                symbols.push_back(*known);
            else
                vocabulary_.append_unknown(symbols, character);
            at += character.size();
        }
        for (;;) {
            const std::pair<std::uint32_t, std::uint32_t>* best = nullptr;
            std::size_t where = 0;
            for (std::size_t i = 0; i + 1 < symbols.size(); ++i) {
                const auto found = merges_.find(static_cast<std::uint64_t>(symbols[i]) << 32 | static_cast<std::uint64_t>(symbols[i + 1]));
                if (found == merges_.end() || (best != nullptr && found->second.first >= best->first)) continue;
                best = &found->second;
                where = i;
            }
            if (best == nullptr) break;
            symbols[where] = best->second;
            symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(where) + 1);
        }
        ids.insert(ids.end(), symbols.begin(), symbols.end());
    }

    PieceMerges merges_;
};

}  // namespace

std::unique_ptr<PieceModel> make_unigram_model(PieceVocabulary vocabulary, std::vector<double> scores) {
    return std::make_unique<UnigramModel>(std::move(vocabulary), std::move(scores));
}

std::unique_ptr<PieceModel> make_pair_model(PieceVocabulary vocabulary, PieceMerges merges) {
    return std::make_unique<PairModel>(std::move(vocabulary), std::move(merges));
}

}  // namespace clipig
