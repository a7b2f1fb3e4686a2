// The word pattern of CLIP's tokenizer.
#pragma once

#include <string_view>
#include <vector>

namespace clipig {

/// The matches, in order, of the original pattern over cleaned text, ignoring case:
/// <|startoftext|> | <|endoftext|> | 's | 't | 're | 've | 'm | 'll | 'd | letters | one number | anything else but white space
[[nodiscard]] std::vector<std::u32string_view> split_prompt(std::u32string_view text);

}  // namespace clipig
