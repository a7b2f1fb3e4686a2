#include "ops/picture_source.h"

#include <filesystem>
#include <map>
#include <mutex>

#include "base/error.h"
#include "image/convert.h"
#include "image/read_picture.h"
#include "ops/planes.h"

namespace clipig {
namespace {

std::string from_base64(std::string_view text, const std::string& who) {
    static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    unsigned held = 0;
    int bits = 0;
    for (const char c : text) {
        if (c == '=' || c == '\n' || c == ' ') continue;
        const auto digit = kDigits.find(c);
        if (digit == std::string_view::npos) throw InputError(who + ": the picture's data is no base64");
        held = (held << 6 | static_cast<unsigned>(digit)) & 0xFFFFu;
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        bytes.push_back(static_cast<char>(held >> bits & 0xFFu));
    }
    return bytes;
}

Tensor as_tensor(const Picture& picture) { return image_tensor(to_planes(picture)); }

struct Kept {
    std::filesystem::file_time_type changed{};
    Tensor pixels;
};

}  // namespace

Tensor picture_source(const std::string& source, const std::string& who) {
    static std::mutex mutex;
    static std::map<std::string, Kept> kept;
    const std::scoped_lock lock(mutex);
    const bool inlined = source.starts_with("data:");
    std::error_code unreadable;
    const auto changed = inlined ? std::filesystem::file_time_type{} : std::filesystem::last_write_time(source, unreadable);
    if (unreadable) throw InputError(who + ": there is no picture '" + source + "'; relative paths begin at the current directory");
    if (const auto found = kept.find(source); found != kept.end() && found->second.changed == changed) return found->second.pixels;
    try {
        const auto comma = source.find(',');
        const Picture picture = inlined ? decode_picture(from_base64(std::string_view(source).substr(comma + 1), who), "the picture's data")
                                        : read_picture(source);
        return (kept[source] = {changed, as_tensor(picture)}).pixels;
    } catch (const InputError& error) {
        throw InputError(who + ": " + error.what());
    }
}

}  // namespace clipig
