#include "models/inflate.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <vector>

namespace clipig {

namespace {

struct Inflated {
    std::string text;
    bool whole = false;  ///< the end of the deflated data was reached, and nothing follows
    bool broken = false;
};

/// Unpacks until there are more than `limit` bytes.
Inflated inflate_until(std::span<const std::byte> packed, Deflated kind, std::uint64_t limit) {
    Inflated result;
    z_stream stream{};
    result.broken = inflateInit2(&stream, kind == Deflated::raw ? -MAX_WBITS : MAX_WBITS + 16) != Z_OK;
    if (result.broken) return result;
    std::vector<unsigned char> buffer(1 << 16);
    int status = Z_OK;
    while (status == Z_OK && result.text.size() <= limit) {
        if (stream.avail_in == 0) {
            if (packed.empty()) break;
            const std::size_t next = std::min<std::size_t>(packed.size(), std::numeric_limits<uInt>::max());
            // zlib's interface is not const-correct; it only reads
            stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data()));
            stream.avail_in = static_cast<uInt>(next);
            packed = packed.subspan(next);
        }
        do {  // zlib may hold more output than the buffer takes, also when it has read all input
            stream.next_out = buffer.data();
            stream.avail_out = static_cast<uInt>(buffer.size());
            status = inflate(&stream, Z_NO_FLUSH);
            result.text.append(reinterpret_cast<const char*>(buffer.data()), buffer.size() - stream.avail_out);
        } while (status == Z_OK && stream.avail_out == 0 && result.text.size() <= limit);
        if (status == Z_BUF_ERROR) status = Z_OK;  // no more output for this input
    }
    result.whole = status == Z_STREAM_END && stream.avail_in == 0 && packed.empty();
    result.broken = status != Z_OK && !result.whole;
    inflateEnd(&stream);
    return result;
}

}  // namespace

std::optional<std::string> inflate_all(std::span<const std::byte> packed, Deflated kind, std::uint64_t limit) {
    auto result = inflate_until(packed, kind, limit);
    if (!result.whole || result.text.size() > limit) return std::nullopt;
    return std::move(result.text);
}

std::optional<std::string> inflate_first(std::span<const std::byte> packed, Deflated kind, std::uint64_t enough) {
    auto result = inflate_until(packed, kind, enough);
    if (result.broken || (!result.whole && result.text.size() <= enough)) return std::nullopt;
    return std::move(result.text);
}

}  // namespace clipig
