// A video file that is written frame by frame and is whole or absent.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace clipig {

struct VideoOptions {
    std::filesystem::path path;
    std::string format = "mp4";     ///< mp4 or webp
    std::string codec = "libx264";  ///< of mp4; mpeg4 is taken where the library lacks it
    double fps = 25;
    double quality = 75;        ///< 0..100
    double hold = 0;            ///< seconds for which the last frame stands still
    int width = 0, height = 0;  ///< of the video; frames of other sizes are scaled
    std::int64_t keep = 0;      ///< this many frames of the file at `path` come first
};

/// 8-bit RGB, row-major, interleaved: 3 * width * height bytes.
struct VideoFrame {
    int width = 0, height = 0;
    std::vector<std::uint8_t> rgb;
};

/// The file at `path` cannot be continued as it is; what() says why.
struct CannotContinue : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The same frames and options give the same bytes.
class VideoEncoder {
public:
    virtual ~VideoEncoder() = default;
    /// Throws Error, as do all functions here.
    virtual void add(const VideoFrame& frame) = 0;
    /// Adds the hold, completes the file and puts it at its path. Without it nothing is left behind. Returns the number of frames.
    /// Precondition: there was a frame.
    [[nodiscard]] virtual std::int64_t finish() = 0;
};

/// Throws CannotContinue, and Error when no file can be made or no encoder is there.
[[nodiscard]] std::unique_ptr<VideoEncoder> make_encoder(const VideoOptions& options);

/// How often the last frame is repeated for the hold.
[[nodiscard]] std::int64_t held_frames(const VideoOptions& options);

namespace detail {
[[nodiscard]] std::unique_ptr<VideoEncoder> make_mp4_encoder(const VideoOptions& options);
[[nodiscard]] std::unique_ptr<VideoEncoder> make_webp_encoder(const VideoOptions& options);
}  // namespace detail

}  // namespace clipig
