#include "expr/report.h"

#include <algorithm>

#include "base/text.h"

namespace clipig::expr {

SourceLoc place_inside(std::string_view text, const SourceLoc& where, std::size_t offset) {
    SourceLoc place = where;
    const auto before = text.substr(0, std::min(offset, text.size()));
    const auto line_start = before.rfind('\n');
    if (line_start == std::string_view::npos) {
        if (where.column > 0) place.column = where.column + static_cast<int>(utf8_length(before));
        return place;
    }
    if (where.line > 0) place.line = where.line + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
    if (where.column > 0) place.column = 1 + static_cast<int>(utf8_length(before.substr(line_start + 1)));
    return place;
}

Diagnostic complaint_inside(std::string_view text, const SourceLoc& where, std::size_t offset, std::size_t length, std::string message,
                            std::string hint) {
    offset = std::min(offset, text.size());
    auto marked = text.substr(offset, length);
    marked = marked.substr(0, marked.find('\n'));
    Diagnostic diagnostic;
    diagnostic.at = place_inside(text, where, offset);
    diagnostic.message = std::move(message);
    diagnostic.hint = std::move(hint);
    diagnostic.length = std::max(1, static_cast<int>(utf8_length(marked)));
    return diagnostic;
}

std::string quoted(std::string_view text) {
    constexpr std::size_t longest = 100;
    std::string shown(text);
    if (utf8_length(text) > longest) {
        shown = std::string(text.substr(0, utf8_offset(text, longest / 2))) + " ... " +
                std::string(text.substr(utf8_offset(text, utf8_length(text) - longest / 2)));
    }
    for (char& c : shown) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
    }
    const char quote = shown.find('\'') != std::string::npos && shown.find('"') == std::string::npos ? '"' : '\'';
    return quote + shown + quote;
}

void Report::note(std::size_t offset, std::size_t length, std::string message, std::string hint, bool with_path) {
    if (with_path && !path_.empty()) message += " in " + std::string(path_);
    diagnostics_.push_back(complaint_inside(text_, where_, offset, length, std::move(message), std::move(hint)));
    constexpr std::size_t most = 20;
    if (diagnostics_.size() >= most) throw ConfigError(diagnostics_);
}

void Report::stop(std::size_t offset, std::size_t length, std::string message, std::string hint) {
    note(offset, length, std::move(message), std::move(hint));
    throw ConfigError(diagnostics_);
}

void Report::finish() {
    if (!diagnostics_.empty()) throw ConfigError(diagnostics_);
}

}  // namespace clipig::expr
