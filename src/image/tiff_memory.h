// A TIFF file in memory for libtiff, which wants callbacks.
#pragma once

#include <tiffio.h>

#include <memory>
#include <string>
#include <string_view>

namespace clipig::codec {

/// Input (`bytes`) or output (`written`) of libtiff, and its first complaint.
struct TiffMemory {
    std::string_view bytes;
    std::string written;
    std::size_t at = 0;
    std::string error;
};

struct TiffCloser {
    void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
using TiffHandle = std::unique_ptr<TIFF, TiffCloser>;

/// Null when libtiff refuses; memory.error then says why. The memory must outlive the handle.
[[nodiscard]] TiffHandle open_tiff_reader(TiffMemory& memory);
[[nodiscard]] TiffHandle open_tiff_writer(TiffMemory& memory);

}  // namespace clipig::codec
