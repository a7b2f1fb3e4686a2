#include "image/tiff_memory.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace clipig::codec {
namespace {

constexpr char kReadMode[] = "rm";   // m: do not map the file, so that each access is checked
constexpr char kWriteMode[] = "wl";  // l: little-endian on every machine

extern "C" {

tmsize_t clipig_tiff_read(thandle_t handle, void* out, tmsize_t count) {
    auto* memory = static_cast<TiffMemory*>(handle);
    const std::string_view bytes = memory->bytes.data() != nullptr ? memory->bytes : std::string_view(memory->written);
    if (count <= 0 || memory->at >= bytes.size()) return 0;
    const std::size_t size = std::min(static_cast<std::size_t>(count), bytes.size() - memory->at);
    std::memcpy(out, bytes.data() + memory->at, size);
    memory->at += size;
    return static_cast<tmsize_t>(size);
}

tmsize_t clipig_tiff_write(thandle_t handle, void* data, tmsize_t count) {
    auto* memory = static_cast<TiffMemory*>(handle);
    if (memory->bytes.data() != nullptr || count < 0) return -1;
    const auto size = static_cast<std::size_t>(count);
    if (memory->written.size() < memory->at + size) memory->written.resize(memory->at + size);
    std::memcpy(memory->written.data() + memory->at, data, size);
    memory->at += size;
    return count;
}

toff_t clipig_tiff_size(thandle_t handle) {
    const auto* memory = static_cast<const TiffMemory*>(handle);
    return memory->bytes.data() != nullptr ? memory->bytes.size() : memory->written.size();
}

toff_t clipig_tiff_seek(thandle_t handle, toff_t offset, int from) {
    auto* memory = static_cast<TiffMemory*>(handle);
    const toff_t base = from == SEEK_CUR ? memory->at : from == SEEK_END ? clipig_tiff_size(handle) : 0;
    memory->at = static_cast<std::size_t>(base + offset);
    return memory->at;
}

int clipig_tiff_close(thandle_t) { return 0; }

void clipig_tiff_error(thandle_t handle, const char*, const char* format, va_list arguments) {
    auto* memory = static_cast<TiffMemory*>(handle);
    if (memory == nullptr || !memory->error.empty()) return;
    char text[200];
    std::vsnprintf(text, sizeof(text), format, arguments);
    memory->error = text;
}

}  // extern "C"

TiffHandle open_tiff(TiffMemory& memory, const char* mode) {
    static const bool silenced = [] {
        TIFFSetErrorHandler(nullptr);
        TIFFSetWarningHandler(nullptr);
        TIFFSetErrorHandlerExt(clipig_tiff_error);
        return true;
    }();
    (void)silenced;
    return TiffHandle(TIFFClientOpen("picture", mode, &memory, clipig_tiff_read, clipig_tiff_write, clipig_tiff_seek, clipig_tiff_close,
                                     clipig_tiff_size, nullptr, nullptr));
}

}  // namespace

TiffHandle open_tiff_reader(TiffMemory& memory) { return open_tiff(memory, kReadMode); }
TiffHandle open_tiff_writer(TiffMemory& memory) { return open_tiff(memory, kWriteMode); }

}  // namespace clipig::codec
