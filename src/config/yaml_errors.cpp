#include "config/yaml_errors.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "base/text.h"

namespace clipig {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{16} << 20;

/// Length in bytes of the well-formed UTF-8 sequence at `i` (Unicode 15, table 3-7), or 0.
std::size_t utf8_sequence(std::string_view text, std::size_t i) {
    const auto byte = [&](std::size_t k) { return k < text.size() ? static_cast<unsigned char>(text[k]) : 0u; };
    const unsigned first = byte(i);
    const auto tail = [&](std::size_t k) { return (byte(k) & 0xC0u) == 0x80u; };
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return tail(i + 1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
        const unsigned high = first == 0xED ? 0x9F : 0xBF;
        return byte(i + 1) >= low && byte(i + 1) <= high && tail(i + 2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const unsigned low = first == 0xF0 ? 0x90 : 0x80;
        const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
        return byte(i + 1) >= low && byte(i + 1) <= high && tail(i + 2) && tail(i + 3) ? 4 : 0;
    }
    return 0;
}

/// The tab inside the indentation of the line that holds `offset`, or of the nearest line above that is not blank.
std::optional<std::size_t> indentation_tab(std::string_view text, std::size_t offset) {
    std::size_t end = std::min(offset, text.size());
    for (int lines = 0; lines < 3; ++lines) {
        const std::size_t start = end == 0 ? 0 : text.rfind('\n', end - 1) == std::string_view::npos ? 0 : text.rfind('\n', end - 1) + 1;
        for (std::size_t i = start; i < text.size() && (text[i] == ' ' || text[i] == '\t' || text[i] == '-'); ++i) {
            if (text[i] == '\t') return i;
        }
        if (start == 0) return std::nullopt;
        end = start - 1;
    }
    return std::nullopt;
}

struct Opened {
    std::optional<std::size_t> bracket;  ///< the innermost bracket that is not closed
    std::optional<std::size_t> quote;    ///< a quoted text that is not closed
};

bool starts_value(std::string_view text, std::size_t i) {
    const std::size_t before = text.find_last_not_of(" \t", i == 0 ? 0 : i - 1);
    if (i == 0 || before == std::string_view::npos) return true;
    return std::string_view("\n\r:-,[{").find(text[before]) != std::string_view::npos;
}

/// What is still open before `end`: a rough reading, only for the place of a message.
Opened find_open(std::string_view text, std::size_t end) {
    std::vector<std::size_t> brackets;
    for (std::size_t i = 0; i < std::min(end, text.size()); ++i) {
        const char c = text[i];
        if (c == '#' && (i == 0 || text[i - 1] == ' ' || text[i - 1] == '\n')) {
            i = std::min(text.find('\n', i), text.size());
        } else if ((c == '"' || c == '\'') && starts_value(text, i)) {
            const std::size_t close = closing_quote(text, i);
            if (close == std::string_view::npos) return {std::nullopt, i};
            i = close;
        } else if ((c == '[' || c == '{') && (!brackets.empty() || starts_value(text, i))) {
            brackets.push_back(i);
        } else if ((c == ']' || c == '}') && !brackets.empty()) {
            brackets.pop_back();
        }
    }
    return {brackets.empty() ? std::nullopt : std::optional(brackets.back()), std::nullopt};
}

struct Wording {
    std::string_view library;  ///< start of the library's message
    std::string_view message;
    std::string_view hint;
};

constexpr std::array kWordings{
    Wording{"illegal map value", "a ':' cannot stand here", "a text that contains ': ' needs quotes; a key of its own starts a new line"},
    Wording{"end of map not found", "this line does not fit to the lines above",
            "the keys of one map start in the same column, each with a ':' and a space behind it"},
    Wording{"end of sequence not found", "this line does not fit to the lines above",
            "entries of one list start with '- ' in the same column, and the keys of one entry stand in one column"},
    Wording{"illegal block entry", "a list entry cannot start here", "start each '- ' on a line of its own, below its key"},
    Wording{"illegal map key", "a key cannot start here", ""},
    Wording{"illegal flow end", "this closing bracket has no opening one", ""},
    Wording{"the referenced anchor is not defined", "this alias has no anchor", "define it before its use as `&name`"},
    Wording{"unknown escape character", "unknown escape in a text in double quotes", "write \\\\ for a backslash, or use single quotes"},
    Wording{"unknown token", "this character cannot start a value", "put the text into quotes"},
    Wording{"bad character found while scanning", "this text cannot be read", "put it into quotes"},
};

}  // namespace

std::size_t closing_quote(std::string_view text, std::size_t begin) {
    for (std::size_t k = begin + 1; k < text.size(); ++k) {
        if (text[begin] == '"' && text[k] == '\\') {
            ++k;
        } else if (text[k] == text[begin]) {
            if (text[begin] == '"' || k + 1 >= text.size() || text[k + 1] != '\'') return k;
            ++k;
        }
    }
    return std::string_view::npos;
}

Places::Places(std::shared_ptr<const SourceText> source) : source_(std::move(source)), starts_{0} {
    for (std::size_t i = 0; i < source_->text.size(); ++i) {
        if (source_->text[i] == '\n') starts_.push_back(i + 1);
    }
}

SourceLoc Places::at(std::size_t offset) const {
    const std::size_t place = std::min(offset, source_->text.size());
    const auto line = std::upper_bound(starts_.begin(), starts_.end(), place) - 1;
    const auto before = std::string_view(source_->text).substr(*line, place - *line);
    return {source_, static_cast<int>(line - starts_.begin()) + 1, static_cast<int>(utf8_length(before)) + 1};
}

void check_characters(const Places& places) {
    const std::string_view text = places.text();
    SourceLoc whole = places.at(0);
    whole.line = whole.column = 0;
    if (text.size() > kMaxBytes)
        throw ConfigError({whole, "too large for a configuration: " + byte_text(static_cast<double>(text.size())),
                           "the limit is " + byte_text(static_cast<double>(kMaxBytes))});
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = utf8_sequence(text, i);
        if (length == 0) {
            SourceLoc at = places.at(i);
            at.column = 0;  // the line cannot be shown
            throw ConfigError({at, "this is no UTF-8 text", "save the file as UTF-8"});
        }
        const auto c = static_cast<unsigned char>(text[i]);
        if ((c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7F) {
            SourceLoc at = places.at(i);
            at.column = 0;
            throw ConfigError({at, "a control character (code " + std::to_string(c) + ") is not allowed", "is this a text file?"});
        }
        i += length;
    }
}

Diagnostic yaml_complaint(const Places& places, std::string_view message, std::size_t offset) {
    if (const auto tab = indentation_tab(places.text(), offset)) {
        return {places.at(*tab), "a tab in the indentation", "YAML allows only spaces there"};
    }
    const Opened open = find_open(places.text(), message.find("EOF") != std::string_view::npos ? places.text().size() : offset);
    if (open.quote && message.find("EOF") != std::string_view::npos) return {places.at(*open.quote), "this quote is never closed"};
    if (open.bracket && message.find("flow not found") != std::string_view::npos) {
        return {places.at(*open.bracket), "this bracket is never closed, or a comma is missing behind it"};
    }
    for (const auto& wording : kWordings) {
        if (message.starts_with(wording.library)) return {places.at(offset), std::string(wording.message), std::string(wording.hint)};
    }
    return {places.at(offset), "not valid YAML: " + std::string(message)};
}

}  // namespace clipig
