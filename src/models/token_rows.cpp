#include "models/token_rows.h"

#include <algorithm>

#include "base/text.h"

namespace clipig {
namespace {

constexpr std::size_t kShownCodePoints = 48;

}  // namespace

std::string too_long_text(const Tokenizer& tokenizer, const std::vector<std::int64_t>& ids, std::size_t room) {
    const auto cut = ids.begin() + static_cast<std::ptrdiff_t>(room);
    std::string kept(trim(tokenizer.decode({ids.begin(), cut})));
    std::string lost(trim(tokenizer.decode({cut, ids.end()})));
    const std::size_t length = utf8_length(kept);
    if (length > kShownCodePoints)
        kept = "... " + std::string(trim(std::string_view(kept).substr(utf8_offset(kept, length - kShownCodePoints))));
    if (utf8_length(lost) > kShownCodePoints) lost = lost.substr(0, utf8_offset(lost, kShownCodePoints)) + " ...";
    return "the prompt has " + std::to_string(ids.size()) + " tokens, but the model reads only " + std::to_string(room) +
           "; it would be cut here: '" + kept + "' | '" + lost +
           "'. Shorten it, cut it with `truncate: true`, or average its pieces with `chunk: true`";
}

std::vector<std::size_t> even_cuts(std::size_t count, std::size_t room, const std::function<bool(std::size_t)>& word_ends) {
    std::vector<std::size_t> cuts;
    std::size_t begin = 0;
    while (count - begin > room) {
        const std::size_t pieces = (count - begin + room - 1) / room;
        const std::size_t wanted = begin + (count - begin + pieces - 1) / pieces, most = begin + room;
        std::size_t end = wanted;
        while (end < most && !word_ends(end - 1)) ++end;
        if (!word_ends(end - 1)) {
            for (end = wanted; end > begin + 1 && !word_ends(end - 1);) --end;
            if (!word_ends(end - 1)) end = wanted;  // one word longer than the context
        }
        cuts.push_back(end);
        begin = end;
    }
    cuts.push_back(count);
    return cuts;
}

}  // namespace clipig
