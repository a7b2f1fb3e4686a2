// Any bytes as a picture: decoded, or refused with InputError. What was decoded is written and read again where a format holds it.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/error.h"
#include "image/pillow_resize.h"
#include "image/read_picture.h"
#include "image/write_picture.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::int64_t limit = 1 << 18;  // small enough that a run is fast
    try {
        const clipig::Picture picture = clipig::decode_picture(std::string_view(reinterpret_cast<const char*>(data), size), "fuzz", limit);
        const auto pixels = static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height);
        if (picture.samples.size() != pixels * static_cast<std::size_t>(picture.channels)) std::abort();
        if (pixels > 4096) return 0;
        (void)clipig::clip_preprocess(picture, 8);
        const clipig::Picture back =
            clipig::decode_picture(clipig::encode_picture(picture, clipig::PictureFormat::png, {{"text", "x"}}), "back");
        if (back.samples != picture.samples) std::abort();
    } catch (const clipig::InputError&) {
    }
    return 0;
}
