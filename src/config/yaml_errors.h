// What to tell a person about YAML that cannot be read: places, and messages that say what to do.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace clipig {

/// Byte offsets of a text as lines and columns.
class Places {
public:
    explicit Places(std::shared_ptr<const SourceText> source);
    /// One-based line and column (in code points) of a byte offset.
    [[nodiscard]] SourceLoc at(std::size_t offset) const;
    [[nodiscard]] std::string_view text() const { return source_->text; }

private:
    std::shared_ptr<const SourceText> source_;
    std::vector<std::size_t> starts_;  ///< byte offset of each line
};

/// Refuse what is not text: invalid UTF-8, control characters, more bytes than a configuration can have. Throws ConfigError.
void check_characters(const Places& places);

/// Byte of the quote that closes the quoted text starting at `begin`, or npos.
[[nodiscard]] std::size_t closing_quote(std::string_view text, std::size_t begin);

/// The complaint for a syntax error: `message` is the YAML library's own, `offset` the byte where it stopped.
[[nodiscard]] Diagnostic yaml_complaint(const Places& places, std::string_view message, std::size_t offset);

}  // namespace clipig
