// Unpacking of deflated data with zlib.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace clipig {

enum class Deflated { raw, gzip };

/// Unpack `packed`, growing as data arrive so that a small file cannot ask for much memory at once.
/// Nothing when the data are broken, cut off, followed by something else, or unpack to more than `limit` bytes.
[[nodiscard]] std::optional<std::string> inflate_all(std::span<const std::byte> packed, Deflated kind, std::uint64_t limit);

/// The first `enough` bytes or a little more; all when there are fewer. Nothing when the data up to there are broken or cut off.
[[nodiscard]] std::optional<std::string> inflate_first(std::span<const std::byte> packed, Deflated kind, std::uint64_t enough);

}  // namespace clipig
