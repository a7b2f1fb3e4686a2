// The XMP packet as we write it: one rdf:Seq of key and value pairs in a namespace of our own, so that any key is possible.
#include <charconv>
#include <optional>

#include "base/text.h"
#include "image/codec.h"
#include "image/exif.h"

namespace clipig::codec {
namespace {

constexpr std::string_view kHead =
    "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
    "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n"
    "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
    "<rdf:Description rdf:about=\"\" xmlns:clipig=\"urn:clipig:text:1.0/\">\n"
    "<clipig:Text><rdf:Seq>\n";
constexpr std::string_view kTail = "</rdf:Seq></clipig:Text>\n</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"r\"?>";

std::string escaped(std::string_view text) {
    std::string out;
    for (const char character : text) {
        switch (character) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '\r': out += "&#13;"; break;  // an XML reader would turn it into a line feed
            default:
                if (static_cast<unsigned char>(character) >= 0x20 || character == '\n' || character == '\t')
                    out += character;
                else
                    out += "\xEF\xBF\xBD";
        }
    }
    return out;
}

/// `&name;` at the front as characters, with its length in `used`.
std::string entity(std::string_view text, std::size_t& used) {
    const std::size_t end = text.substr(0, 12).find(';');
    used = 1;
    if (end == std::string_view::npos) return "&";
    const std::string_view name = text.substr(1, end - 1);
    std::string out;
    if (name == "amp") out = "&";
    if (name == "lt") out = "<";
    if (name == "gt") out = ">";
    if (name == "quot") out = "\"";
    if (name == "apos") out = "'";
    if (name.starts_with('#')) {
        const bool hex = name.starts_with("#x");
        unsigned code = 0;
        std::from_chars(name.data() + (hex ? 2 : 1), name.data() + name.size(), code, hex ? 16 : 10);
        if (code > 0 && code < 0x80) out = std::string(1, static_cast<char>(code));
    }
    if (out.empty()) return "&";
    used = end + 1;
    return out;
}

std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] != '&') {
            out += text[at++];
            continue;
        }
        std::size_t used = 1;
        out += entity(text.substr(at), used);
        at += used;
    }
    return out;
}

/// The content between two marks, searched from `at`, which moves behind it.
std::optional<std::string_view> between(std::string_view text, std::string_view open, std::string_view close, std::size_t& at) {
    const std::size_t first = text.find(open, at);
    if (first == std::string_view::npos) return std::nullopt;
    const std::size_t last = text.find(close, first + open.size());
    if (last == std::string_view::npos) return std::nullopt;
    at = last + close.size();
    return text.substr(first + open.size(), last - first - open.size());
}

void read_description(std::string_view packet, PictureText& text) {
    std::size_t at = 0;
    const auto outer = between(packet, "<dc:description", "</dc:description>", at);
    if (!outer) return;
    at = 0;
    const auto item = between(*outer, "<rdf:li", "</rdf:li>", at);
    if (!item || item->find('>') == std::string_view::npos) return;
    const std::string value = unescaped(item->substr(item->find('>') + 1));
    if (!value.empty()) text.emplace("Description", to_utf8(value));
}

}  // namespace

std::string xmp_packet(const PictureText& metadata) {
    if (metadata.empty()) return {};
    std::string out(kHead);
    for (const auto& [key, value] : metadata)
        out += "<rdf:li rdf:parseType=\"Resource\"><clipig:Key>" + escaped(key) + "</clipig:Key><clipig:Value>" + escaped(to_utf8(value)) +
               "</clipig:Value></rdf:li>\n";
    return out + std::string(kTail);
}

void read_xmp(std::string_view packet, PictureText& text) {
    std::size_t at = 0;
    while (const auto key = between(packet, "<clipig:Key>", "</clipig:Key>", at)) {
        const auto value = between(packet, "<clipig:Value>", "</clipig:Value>", at);
        if (!value) break;
        text.emplace(to_utf8(unescaped(*key)), to_utf8(unescaped(*value)));
    }
    read_description(packet, text);
}

}  // namespace clipig::codec
