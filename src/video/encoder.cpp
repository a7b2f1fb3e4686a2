#include "video/encoder.h"

#include <cmath>

namespace clipig {

std::unique_ptr<VideoEncoder> make_encoder(const VideoOptions& options) {
    return options.format == "webp" ? detail::make_webp_encoder(options) : detail::make_mp4_encoder(options);
}

std::int64_t held_frames(const VideoOptions& options) { return std::llround(options.hold * options.fps); }

}  // namespace clipig
