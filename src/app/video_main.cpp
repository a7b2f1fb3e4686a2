// `clipig-video`: makes a video of the frames that a run sends it. A program of its own, because the libraries of a video encoder would
// make every start of the others slower, and so that the video is completed even when the run is killed.
//
//   clipig-video PATH FORMAT WIDTH HEIGHT FPS QUALITY HOLD KEEP
//
// Standard input: for each frame width and height (little-endian uint32), then 3 * width * height bytes of RGB. It ends with the input; a
// frame that is cut short is left out, and a frame of 0 x 0 throws everything away. Standard output: `ready` or `no REASON` (the file at
// PATH cannot be continued), and in the end `done FRAMES` or `error REASON`.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>

#include "base/error.h"
#include "video/encoder.h"

namespace clipig {
namespace {

constexpr std::uint32_t kLargestSide = 1u << 16;

bool read_exactly(void* bytes, std::size_t count) { return std::fread(bytes, 1, count, stdin) == count; }

std::uint32_t little_endian(const unsigned char* b) { return b[0] | b[1] << 8 | b[2] << 16 | static_cast<std::uint32_t>(b[3]) << 24; }

/// False at the end of the input.
bool read_frame(VideoFrame& frame) {
    unsigned char header[8];
    if (!read_exactly(header, sizeof header)) return false;
    const std::uint32_t width = little_endian(header), height = little_endian(header + 4);
    if (width > kLargestSide || height > kLargestSide) throw Error("the frames that come in are damaged");
    frame.width = static_cast<int>(width);
    frame.height = static_cast<int>(height);
    frame.rgb.resize(std::size_t{3} * width * height);
    return read_exactly(frame.rgb.data(), frame.rgb.size());
}

void answer(const std::string& line) {
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
}

VideoOptions options_of(char** argv) {
    VideoOptions options;
    options.path = argv[1];
    options.format = argv[2];
    options.width = std::atoi(argv[3]);
    options.height = std::atoi(argv[4]);
    options.fps = std::atof(argv[5]);
    options.quality = std::atof(argv[6]);
    options.hold = std::atof(argv[7]);
    options.keep = std::atoll(argv[8]);
    if (options.width < 1 || options.height < 1 || !(options.fps > 0))
        throw Error("a video needs a size and a number of frames per second");
    return options;
}

int encode(const VideoOptions& options) {
    const auto encoder = make_encoder(options);
    answer("ready");
    VideoFrame frame;
    bool any = false;
    while (read_frame(frame)) {
        if (frame.width == 0 || frame.height == 0) return 0;
        encoder->add(frame);
        any = true;
    }
    if (any) answer("done " + std::to_string(encoder->finish()));
    return 0;
}

}  // namespace
}  // namespace clipig

int main(int argc, char** argv) {
    using namespace clipig;
    if (argc != 9) {
        std::fputs("clipig-video is started by clipig: see `video` in `clipig docs top`\n", stderr);
        return 2;
    }
    // whoever stops the run closes our input; then the video is completed
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) std::signal(number, SIG_IGN);
    try {
        return encode(options_of(argv));
    } catch (const CannotContinue& reason) {
        answer(std::string("no ") + reason.what());
        return 3;
    } catch (const std::exception& error) {
        answer(std::string("error ") + error.what());
        return 1;
    }
}
