// A tree as YAML text that every YAML reader understands in the same way.
#include <algorithm>
#include <cstdio>
#include <set>

#include "base/text.h"
#include "config/document.h"
#include "config/values.h"

namespace clipig {
namespace {

constexpr std::size_t kMaxFlowColumns = 90;

/// Words and numbers that a YAML reader takes for something else than text.
bool is_no_text(const std::string& text) {
    static const std::set<std::string, std::less<>> words{"null", "~", "true", "false", "yes", "no", "on", "off", "y", "n"};
    return words.contains(lower(text)) || number_of(text).has_value();
}

bool is_null_word(const std::string& text) { return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL"; }

/// May stand without quotes behind `key: ` or `- `.
bool plain_in_block(const std::string& text) {
    if (is_null_word(text) || text == "<<") return false;
    if (text.starts_with("\xEF\xBB\xBF")) return false;  // would be taken for the byte order mark of the file
    if (std::string_view(",[]{}#&*!|>'\"%@`").find(text[0]) != std::string_view::npos) return false;
    const bool marker = text[0] == '-' || text[0] == '?' || text[0] == ':';
    if (marker && (text.size() == 1 || text[1] == ' ' || text[0] != '-')) return false;
    if (text.starts_with("---") || text.starts_with("...") || text.back() == ' ' || text[0] == ' ') return false;
    if (text.find(": ") != std::string::npos || text.find(" #") != std::string::npos || text.back() == ':') return false;
    return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

/// May stand without quotes in `[a, b]`.
bool plain_in_flow(const std::string& text) {
    constexpr std::string_view kSafe = "._+-*/()<>= ";
    return plain_in_block(text) && std::all_of(text.begin(), text.end(), [&](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || kSafe.find(c) != std::string_view::npos;
           });
}

std::string double_quoted(const std::string& text) {
    std::string result = "\"";
    for (const char c : text) {
        const auto code = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            result += std::string("\\") + c;
        } else if (c == '\n') {
            result += "\\n";
        } else if (c == '\t') {
            result += "\\t";
        } else if (code < 0x20 || code == 0x7F) {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\x%02x", code);
            result += escape;
        } else {
            result += c;
        }
    }
    return result + "\"";
}

std::string quoted(const std::string& text) {
    const bool special = std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
    if (special) return double_quoted(text);
    std::string result = "'";
    for (const char c : text) result += c == '\'' ? std::string("''") : std::string(1, c);
    return result + "'";
}

std::string scalar_text(const Node& node, bool flow) {
    const bool plain = flow ? plain_in_flow(node.scalar) : plain_in_block(node.scalar);
    const bool keeps_quotes = node.quoted && is_no_text(node.scalar);
    return plain && !keeps_quotes ? node.scalar : quoted(node.scalar);
}

/// `[1, 2]`, `[[1, 2], [3]]`, `null`, `5`; empty when the node needs several lines.
std::string one_line(const Node& node, bool flow) {
    switch (node.kind) {
        case NodeKind::null: return "null";
        case NodeKind::scalar: return scalar_text(node, flow);
        case NodeKind::map: return node.entries.empty() ? "{}" : "";
        case NodeKind::sequence: break;
    }
    std::string text = "[";
    for (const Node& item : node.items) {
        const std::string piece = one_line(item, true);
        if (piece.empty() || text.size() + piece.size() > kMaxFlowColumns) return {};
        text += (text.size() > 1 ? ", " : "") + piece;
    }
    return text + "]";
}

void write_block(std::string& out, const Node& node, std::size_t indent, bool first_in_line);

void write_child(std::string& out, const Node& node, std::size_t indent, bool in_sequence) {
    if (const std::string line = one_line(node, false); !line.empty()) {
        out += " " + line + "\n";
    } else if (in_sequence) {
        out += " ";
        write_block(out, node, indent + 2, true);
    } else {
        out += "\n";
        write_block(out, node, indent + 2, false);
    }
}

void write_block(std::string& out, const Node& node, std::size_t indent, bool first_in_line) {
    const auto start_line = [&] {
        if (!first_in_line) out.append(indent, ' ');
        first_in_line = false;
    };
    for (const MapEntry& entry : node.entries) {
        start_line();
        const bool plain = plain_in_flow(entry.key) && !is_no_text(entry.key);
        out += (plain ? entry.key : quoted(entry.key)) + ":";
        write_child(out, entry.value, indent, false);
    }
    for (const Node& item : node.items) {
        start_line();
        out += "-";
        write_child(out, item, indent, true);
    }
}

}  // namespace

std::string dump_yaml(const Node& root, const std::vector<std::string>& comment) {
    std::string out;
    for (const std::string& text : comment) {
        for (const std::string& line : split(text, '\n')) out += line.empty() ? "#\n" : "# " + line + "\n";
    }
    if (const std::string line = one_line(root, false); !line.empty()) return out + line + "\n";
    write_block(out, root, 0, false);
    return out;
}

}  // namespace clipig
