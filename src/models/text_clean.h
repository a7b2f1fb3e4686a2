// The cleaning that CLIP's tokenizer does before it looks for words.
#pragma once

#include <string>
#include <string_view>

namespace clipig {

/// What ftfy.fix_text (6.x, default settings) does, but for the repair of mojibake (text decoded from the wrong encoding, `schÃ¶n`):
/// HTML references, C1 controls, Latin ligatures, full-width and half-width forms, curly quotes, line breaks, surrogates,
/// terminal escapes, control characters, NFC; line by line, repeated until nothing changes.
[[nodiscard]] std::u32string fix_text(std::u32string_view text);

/// fix_text, html_unescape twice, white space collapsed to single spaces and trimmed, lower case.
[[nodiscard]] std::u32string clean_prompt(std::string_view utf8);

/// What open_clip's `canonicalize` makes of a prompt for SigLIP: fix_text, html_unescape twice, `_` becomes a space, ASCII punctuation
/// goes, lower case, white space collapsed to single spaces and trimmed.
[[nodiscard]] std::u32string canonical_prompt(std::string_view utf8);

}  // namespace clipig
