// Animated WebP through libwebp and its muxer. Every frame is a whole picture, so that a file can be continued behind any of them.
#include <webp/encode.h>
#include <webp/mux.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/error.h"
#include "base/files.h"
#include "base/temporary_file.h"
#include "video/fit_frame.h"

namespace clipig::detail {
namespace {

struct Deleter {
    void operator()(WebPMux* mux) const { WebPMuxDelete(mux); }
    void operator()(WebPPicture* picture) const { WebPPictureFree(picture); }
    void operator()(WebPMemoryWriter* writer) const { WebPMemoryWriterClear(writer); }
};
using Mux = std::unique_ptr<WebPMux, Deleter>;

constexpr int kLargestSide = WEBP_MAX_DIMENSION;

const std::uint8_t* data_of(const std::string& bytes) { return reinterpret_cast<const std::uint8_t*>(bytes.data()); }

std::string encode(const VideoFrame& frame, double quality) {
    WebPConfig config;
    WebPPicture picture;
    WebPMemoryWriter writer;
    if (WebPConfigInit(&config) == 0 || WebPPictureInit(&picture) == 0) throw Error("libwebp has another version than at build time");
    WebPMemoryWriterInit(&writer);
    const std::unique_ptr<WebPPicture, Deleter> frees_picture(&picture);
    const std::unique_ptr<WebPMemoryWriter, Deleter> frees_writer(&writer);
    config.quality = static_cast<float>(quality);
    config.thread_level = 0;
    picture.use_argb = 1;
    picture.width = frame.width;
    picture.height = frame.height;
    picture.writer = WebPMemoryWrite;
    picture.custom_ptr = &writer;
    if (WebPPictureImportRGB(&picture, frame.rgb.data(), 3 * frame.width) == 0) throw Error("not enough memory to write a WebP");
    if (WebPEncode(&config, &picture) == 0)
        throw Error("libwebp refuses a frame: error " + std::to_string(static_cast<int>(picture.error_code)));
    return {reinterpret_cast<const char*>(writer.mem), writer.size};
}

/// The first frames of a file as they are.
std::vector<std::string> kept_frames(const VideoOptions& options) {
    std::vector<std::string> frames;
    if (options.keep == 0) return frames;
    const std::string file = read_file(options.path);
    const WebPData whole{data_of(file), file.size()};
    const Mux mux(WebPMuxCreate(&whole, 0));
    int width = 0, height = 0, count = 0;
    if (!mux || WebPMuxGetCanvasSize(mux.get(), &width, &height) != WEBP_MUX_OK) throw CannotContinue("it is no WebP");
    if (width != options.width || height != options.height) throw CannotContinue("its frames have another size");
    WebPMuxNumChunks(mux.get(), WEBP_CHUNK_ANMF, &count);
    if (count == 0) count = 1;  // an animation of one frame is a plain picture
    if (count < options.keep) throw CannotContinue("it holds too few frames");
    for (std::uint32_t i = 1; i <= static_cast<std::uint32_t>(options.keep); ++i) {
        WebPMuxFrameInfo frame{};
        if (WebPMuxGetFrame(mux.get(), i, &frame) != WEBP_MUX_OK) throw CannotContinue("its frames are damaged");
        frames.emplace_back(reinterpret_cast<const char*>(frame.bitstream.bytes), frame.bitstream.size);
        WebPDataClear(&frame.bitstream);
    }
    return frames;
}

class WebpEncoder final : public VideoEncoder {
public:
    explicit WebpEncoder(const VideoOptions& options)
        : options_(options), frames_(kept_frames(options)), file_(options.path), fitter_(options.width, options.height) {
        file_.lock();
        if (std::max(options.width, options.height) > kLargestSide) throw Error("a WebP has at most 16383 pixels on a side; take mp4");
    }

    void add(const VideoFrame& frame) override { frames_.push_back(encode(fitter_.fit(frame), options_.quality)); }

    std::int64_t finish() override {
        const Mux mux(WebPMuxNew());
        const WebPMuxAnimParams endless{0xFF000000u, 0};
        if (!mux || WebPMuxSetCanvasSize(mux.get(), options_.width, options_.height) != WEBP_MUX_OK)
            throw Error("not enough memory to write a WebP");
        WebPMuxSetAnimationParams(mux.get(), &endless);
        for (std::size_t i = 0; i < frames_.size(); ++i) push(mux.get(), i);
        WebPData out{};
        if (WebPMuxAssemble(mux.get(), &out) != WEBP_MUX_OK) throw Error("libwebp cannot put the frames together");
        const std::string bytes(reinterpret_cast<const char*>(out.bytes), out.size);
        WebPDataClear(&out);
        write(bytes);
        file_.keep();
        return static_cast<std::int64_t>(frames_.size());
    }

private:
    void push(WebPMux* mux, std::size_t index) const {
        const double last = index + 1 == frames_.size() ? options_.hold * 1000 : 0;
        const auto milliseconds = [this](std::size_t i) { return std::llround(1000 * static_cast<double>(i) / options_.fps); };
        WebPMuxFrameInfo frame{};
        frame.bitstream = {data_of(frames_[index]), frames_[index].size()};
        frame.id = WEBP_CHUNK_ANMF;
        frame.dispose_method = WEBP_MUX_DISPOSE_NONE;
        frame.blend_method = WEBP_MUX_NO_BLEND;
        // 24 bits of milliseconds
        frame.duration =
            static_cast<int>(std::min<long long>(milliseconds(index + 1) - milliseconds(index) + std::llround(last), (1 << 24) - 1));
        if (WebPMuxPushFrame(mux, &frame, 0) != WEBP_MUX_OK) throw Error("libwebp cannot take another frame");
    }

    void write(const std::string& bytes) const {
        const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(std::fopen(file_.path().c_str(), "we"), std::fclose);
        const bool good = out && std::fwrite(bytes.data(), 1, bytes.size(), out.get()) == bytes.size() && std::fflush(out.get()) == 0;
        if (!good) throw Error("cannot write '" + options_.path.string() + "': the disk may be full");
    }

    VideoOptions options_;
    std::vector<std::string> frames_;  ///< encoded
    TemporaryFile file_;
    FrameFitter fitter_;
};

}  // namespace

std::unique_ptr<VideoEncoder> make_webp_encoder(const VideoOptions& options) { return std::make_unique<WebpEncoder>(options); }

}  // namespace clipig::detail
