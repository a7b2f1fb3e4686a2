// What all tokenizers do with prompts that are longer than a model's context.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "models/tokenizer.h"

namespace clipig {

/// The message for a prompt of more than `room` tokens, which shows where it would be cut.
[[nodiscard]] std::string too_long_text(const Tokenizer& tokenizer, const std::vector<std::int64_t>& ids, std::size_t room);

/// The ends of pieces of at most `room` of `count` tokens: as few pieces and as even ones as can be, each ending after a token for which
/// `word_ends` holds when there is one near enough. One piece, maybe empty, at least.
[[nodiscard]] std::vector<std::size_t> even_cuts(std::size_t count, std::size_t room, const std::function<bool(std::size_t)>& word_ends);

}  // namespace clipig
