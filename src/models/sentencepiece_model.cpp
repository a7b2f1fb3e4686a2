// sentencepiece's `.model` files: a small protobuf message (https://github.com/google/sentencepiece, sentencepiece_model.proto).
// Read here by hand: Debian's libsentencepiece carries a protobuf runtime of its own, which crashes in one process with the
// one that libtorch uses.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "base/files.h"
#include "models/piece_models.h"
#include "models/tensor_table.h"

namespace clipig {
namespace {

enum PieceType : std::uint64_t { kNormal = 1, kUnknown = 2, kByte = 6 };
enum ModelType : std::uint64_t { kUnigram = 1, kPairs = 2 };

/// One field of a message: its number and its value, as number or as bytes.
struct WireField {
    std::uint64_t number = 0;
    std::uint64_t value = 0;
    std::string_view bytes;
};

/// Walks over the fields of a message (https://protobuf.dev/programming-guides/encoding/); every refusal names the file.
class WireReader {
public:
    WireReader(std::string_view data, const std::string& name) : data_(data), name_(name) {}

    bool next(WireField& field) {
        if (data_.empty()) return false;
        const std::uint64_t key = varint();
        field = {key >> 3, 0, {}};
        switch (key & 7U) {
            case 0: field.value = varint(); break;
            case 1: field.bytes = take(8); break;
            case 2: field.bytes = take(varint()); break;
            case 5: field.bytes = take(4); break;
            default: refuse(name_, "it is no sentencepiece model: it has a field of an unknown kind");
        }
        return true;
    }

private:
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const auto byte = static_cast<unsigned char>(take(1)[0]);
            value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
            if (byte < 0x80U) return value;
        }
        refuse(name_, "it is no sentencepiece model: it has a number that is too long");
    }
    std::string_view take(std::uint64_t size) {
        if (size > data_.size()) refuse(name_, "it is no sentencepiece model, or only the beginning of one");
        const std::string_view taken = data_.substr(0, size);
        data_.remove_prefix(size);
        return taken;
    }

    std::string_view data_;
    const std::string& name_;
};

/// The parts of a model that cutting needs.
struct Parsed {
    PieceVocabulary vocabulary;
    std::vector<double> scores;
    std::vector<std::uint64_t> types;
    std::uint64_t model_type = kUnigram;
    bool byte_fallback = false;
};

void read_piece(Parsed& parsed, std::string_view data, const std::string& name) {
    WireReader reader(data, name);
    std::string piece;
    float score = 0;
    std::uint64_t type = kNormal;
    for (WireField field; reader.next(field);) {
        if (field.number == 1) piece = field.bytes;
        if (field.number == 2 && field.bytes.size() == sizeof score) std::memcpy(&score, field.bytes.data(), sizeof score);
        if (field.number == 3) type = field.value;
    }
    if (!std::isfinite(score)) refuse(name, "the score of piece " + std::to_string(parsed.types.size()) + " is no finite number");
    if (piece.empty()) refuse(name, "piece " + std::to_string(parsed.types.size()) + " of its vocabulary is empty");
    if (type == kUnknown) parsed.vocabulary.unknown = static_cast<std::uint32_t>(parsed.types.size());
    parsed.vocabulary.pieces.push_back(std::move(piece));
    parsed.scores.push_back(static_cast<double>(score));
    parsed.types.push_back(type);
}

void read_trainer(Parsed& parsed, std::string_view data, const std::string& name) {
    WireReader reader(data, name);
    for (WireField field; reader.next(field);) {
        if (field.number == 3) parsed.model_type = field.value;
        if (field.number == 35) parsed.byte_fallback = field.value != 0;
    }
}

void read_normalizer(Parsed& parsed, std::string_view data, const std::string& name) {
    WireReader reader(data, name);
    parsed.vocabulary.space_first = true;  // add_dummy_prefix is on unless it is switched off
    for (WireField field; reader.next(field);) {
        if (field.number == 2) parsed.vocabulary.compatible = !field.bytes.empty();  // compiled character tables: NFKC of some kind
        if (field.number == 3) parsed.vocabulary.space_first = field.value != 0;
    }
}

/// sentencepiece merges the pair whose piece has the highest score: every cut of a piece into two known ones is a merge of that rank.
PieceMerges merges_of(const Parsed& parsed) {
    std::vector<std::uint32_t> order(parsed.scores.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return parsed.scores[a] > parsed.scores[b]; });
    PieceMerges merges;
    for (std::uint32_t rank = 0; rank < order.size(); ++rank) {
        const std::uint32_t id = order[rank];
        if (parsed.types[id] != kNormal) continue;
        const std::string_view piece = parsed.vocabulary.pieces[id];
        for (std::size_t at = character_length(piece); at < piece.size(); at += character_length(piece.substr(at))) {
            const auto left = parsed.vocabulary.ids.find(piece.substr(0, at));
            const auto right = parsed.vocabulary.ids.find(piece.substr(at));
            if (left == parsed.vocabulary.ids.end() || right == parsed.vocabulary.ids.end()) continue;
            merges.try_emplace(std::uint64_t{left->second} << 32 | right->second, rank, id);
        }
    }
    return merges;
}

}  // namespace

std::unique_ptr<PieceModel> read_sentencepiece(const std::filesystem::path& path) {
    return parse_sentencepiece(read_file(path), path.string());
}

std::unique_ptr<PieceModel> parse_sentencepiece(std::string_view data, const std::string& name) {
    Parsed parsed;
    WireReader reader(data, name);
    for (WireField field; reader.next(field);) {
        if (field.number == 1) read_piece(parsed, field.bytes, name);
        if (field.number == 2) read_trainer(parsed, field.bytes, name);
        if (field.number == 3) read_normalizer(parsed, field.bytes, name);
    }
    if (parsed.types.empty()) refuse(name, "it is no sentencepiece model: it has no pieces");
    if (parsed.model_type != kUnigram && parsed.model_type != kPairs) refuse(name, "its model is neither unigram nor BPE");
    parsed.vocabulary.index(parsed.byte_fallback);
    if (parsed.model_type == kUnigram) return make_unigram_model(std::move(parsed.vocabulary), std::move(parsed.scores));
    PieceMerges merges = merges_of(parsed);
    return make_pair_model(std::move(parsed.vocabulary), std::move(merges));
}

}  // namespace clipig
