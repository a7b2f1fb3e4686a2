#include "base/error.h"

#include <algorithm>

#include "base/text.h"

namespace clipig {
namespace {

/// The line with the given one-based number, without its line break.
std::string_view source_line(std::string_view text, int number) {
    for (int line = 1;; ++line) {
        const auto end = text.find('\n');
        if (line == number) {
            auto found = text.substr(0, end);
            if (found.ends_with('\r')) found.remove_suffix(1);
            return found;
        }
        if (end == std::string_view::npos) return {};
        text.remove_prefix(end + 1);
    }
}

constexpr std::size_t kMaxShownColumns = 160;

/// The source line and a line with carets under the place; tabs are kept so that both lines align.
std::string excerpt(const Diagnostic& diagnostic) {
    const auto line = source_line(diagnostic.at.source->text, diagnostic.at.line);
    if (line.empty() || diagnostic.at.column <= 0) return {};
    std::size_t offset = utf8_offset(line, static_cast<std::size_t>(diagnostic.at.column - 1));
    std::string shown(line);
    std::string prefix;
    if (offset > kMaxShownColumns - 40) {
        const std::size_t cut = utf8_offset(line, static_cast<std::size_t>(diagnostic.at.column) - 60);
        shown = "..." + std::string(line.substr(cut));
        prefix = "   ";
        offset -= cut;
    }
    const std::string_view body = std::string_view(shown).substr(prefix.size());
    for (std::size_t i = 0; i < offset && i < body.size(); ++i) {
        if ((static_cast<unsigned char>(body[i]) & 0xC0) == 0x80) continue;
        prefix += body[i] == '\t' ? '\t' : ' ';
    }
    const std::size_t rest = offset < body.size() ? utf8_length(body.substr(offset)) : 0;
    const std::size_t carets =
        std::clamp<std::size_t>(static_cast<std::size_t>(std::max(1, diagnostic.length)), 1, std::max<std::size_t>(1, rest));
    const std::size_t keep = utf8_offset(shown, kMaxShownColumns);
    if (keep < shown.size()) shown = shown.substr(0, keep) + "...";
    return "  " + shown + "\n  " + prefix + "^" + std::string(std::min(carets, kMaxShownColumns) - 1, '~') + "\n";
}

std::string render_all(const std::vector<Diagnostic>& diagnostics) {
    std::string text;
    for (const auto& diagnostic : diagnostics) text += render(diagnostic);
    return text;
}

std::vector<Diagnostic> in_order(std::vector<Diagnostic> diagnostics) {
    std::stable_sort(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& a, const Diagnostic& b) {
        if (a.at.source != b.at.source) return false;
        return std::pair(a.at.line, a.at.column) < std::pair(b.at.line, b.at.column);
    });
    return diagnostics;
}

}  // namespace

std::string render(const Diagnostic& diagnostic) {
    std::string text;
    if (diagnostic.at.known()) {
        text = diagnostic.at.source->name + ":";
        if (diagnostic.at.line > 0) text += std::to_string(diagnostic.at.line) + ":";
        if (diagnostic.at.line > 0 && diagnostic.at.column > 0) text += std::to_string(diagnostic.at.column) + ":";
        text += " ";
    }
    text += "error: " + diagnostic.message + "\n";
    if (diagnostic.at.known() && diagnostic.at.line > 0) text += excerpt(diagnostic);
    if (!diagnostic.hint.empty()) text += "  hint: " + diagnostic.hint + "\n";
    return text;
}

ConfigError::ConfigError(std::vector<Diagnostic> diagnostics)
    : InputError(render_all(in_order(diagnostics))), diagnostics_(in_order(std::move(diagnostics))) {}

ConfigError::ConfigError(Diagnostic diagnostic) : ConfigError(std::vector{std::move(diagnostic)}) {}

}  // namespace clipig
