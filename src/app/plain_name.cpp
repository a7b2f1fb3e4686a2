#include "app/plain_name.h"

namespace clipig {

std::string plain_name(std::string_view text, bool numbers) {
    std::string name;
    for (const char c : text) {
        const bool letter =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
        if (letter || (numbers && (c == '.' || (c == '-' && name.empty())))) {
            name += c;
        } else if (!name.empty() && name.back() != '-') {
            name += '-';
        }
    }
    while (name.ends_with('-') || name.ends_with('.')) name.pop_back();
    return name;
}

}  // namespace clipig
