// Complaints about an expression's text, at their places in the source that holds it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace clipig::expr {

/// The place of the byte `offset` of an expression that starts at `where`.
[[nodiscard]] SourceLoc place_inside(std::string_view text, const SourceLoc& where, std::size_t offset);

/// A complaint about `length` bytes at `offset`.
[[nodiscard]] Diagnostic complaint_inside(std::string_view text, const SourceLoc& where, std::size_t offset, std::size_t length,
                                          std::string message, std::string hint);

/// `'text'` on one line, shortened in the middle when it is long; in double quotes when it holds single ones.
[[nodiscard]] std::string quoted(std::string_view text);

/// Collects the complaints of one compilation. ` in PATH` is added to the messages when there is a path.
class Report {
public:
    Report(std::string_view text, const SourceLoc& where, std::string_view path) : text_(text), where_(where), path_(path) {}

    /// Note an error and go on, unless there are twenty: then throw them. ` in PATH` is left out when with_path is false.
    void note(std::size_t offset, std::size_t length, std::string message, std::string hint = {}, bool with_path = true);
    /// Note an error and throw all that was noted.
    [[noreturn]] void stop(std::size_t offset, std::size_t length, std::string message, std::string hint = {});
    /// Throw when anything was noted.
    void finish();
    [[nodiscard]] std::string_view path() const { return path_; }

private:
    std::string_view text_;
    const SourceLoc& where_;
    std::string_view path_;
    std::vector<Diagnostic> diagnostics_;
};

}  // namespace clipig::expr
