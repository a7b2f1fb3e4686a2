#include "models/inflate.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <vector>

namespace clipig {

std::optional<std::string> inflate_all(std::span<const std::byte> packed, Deflated kind, std::uint64_t limit) {
    z_stream stream{};
    if (inflateInit2(&stream, kind == Deflated::raw ? -MAX_WBITS : MAX_WBITS + 16) != Z_OK) return std::nullopt;
    std::string result;
    std::vector<unsigned char> buffer(1 << 16);
    int status = Z_OK;
    while (status == Z_OK && result.size() <= limit) {
        if (stream.avail_in == 0) {
            if (packed.empty()) break;
            const std::size_t next = std::min<std::size_t>(packed.size(), std::numeric_limits<uInt>::max());
            // zlib's interface is not const-correct; it only reads
            stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data()));
            stream.avail_in = static_cast<uInt>(next);
            packed = packed.subspan(next);
        }
        stream.next_out = buffer.data();
        stream.avail_out = static_cast<uInt>(buffer.size());
        status = inflate(&stream, Z_NO_FLUSH);
        result.append(reinterpret_cast<const char*>(buffer.data()), buffer.size() - stream.avail_out);
        if (status == Z_BUF_ERROR && !packed.empty()) status = Z_OK;
    }
    const bool whole = status == Z_STREAM_END && stream.avail_in == 0 && packed.empty() && result.size() <= limit;
    inflateEnd(&stream);
    if (!whole) return std::nullopt;
    return result;
}

}  // namespace clipig
