// Small helpers for text: UTF-8 lengths, trimming, splitting, spelling suggestions, numbers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clipig {

/// Number of code points in UTF-8 text (continuation bytes are not counted).
[[nodiscard]] std::size_t utf8_length(std::string_view text);

/// Byte offset of the n-th code point (zero-based); the size of the text when it has fewer.
[[nodiscard]] std::size_t utf8_offset(std::string_view text, std::size_t code_points);

/// Without white space at both ends.
[[nodiscard]] std::string_view trim(std::string_view text);

/// ASCII lower case.
[[nodiscard]] std::string lower(std::string_view text);

/// Split on a separator; empty pieces are kept.
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);

/// Split on runs of white space; no empty pieces.
[[nodiscard]] std::vector<std::string> split_words(std::string_view text);

[[nodiscard]] std::string join(const std::vector<std::string>& pieces, std::string_view separator);

/// The candidate nearest to the word by edit distance, when it is near enough to be a slip of the pen.
[[nodiscard]] std::optional<std::string> closest(std::string_view word, const std::vector<std::string>& candidates);

/// `did you mean 'x'?`, or empty when nothing is near.
[[nodiscard]] std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

/// The shortest decimal text that reads back as the same double; always locale-free. `1` for 1.0, `nan`, `inf`.
[[nodiscard]] std::string number_text(double value);

/// `1.5 GiB`, `337.6 MiB`, `12 B`.
[[nodiscard]] std::string byte_text(double bytes);

/// `1h02m`, `3m05s`, `12.3s`.
[[nodiscard]] std::string duration_text(double seconds);

}  // namespace clipig
