// The two ways of cutting a text into pieces, whatever file the vocabulary came from.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "models/piece_model.h"
#include "models/piece_vocabulary.h"

namespace clipig {

/// Two neighbours, `left << 32 | right`, to the rank of their merge and the piece that they become.
using PieceMerges = std::unordered_map<std::uint64_t, std::pair<std::uint32_t, std::uint32_t>>;

/// The cut with the highest sum of scores. `vocabulary` is indexed; one score (a log probability) for each piece, at least one.
[[nodiscard]] std::unique_ptr<PieceModel> make_unigram_model(PieceVocabulary vocabulary, std::vector<double> scores);

/// Neighbours of the lowest rank are merged until none is known.
[[nodiscard]] std::unique_ptr<PieceModel> make_pair_model(PieceVocabulary vocabulary, PieceMerges merges);

}  // namespace clipig
