// Videos are read again and compared with the frames that went in.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <webp/demux.h>

#include <array>
#include <cmath>
#include <csignal>

#include "base/error.h"
#include "base/files.h"
#include "video/encoder.h"
#include "video/fit_frame.h"
#include "video/libav.h"

namespace clipig {
namespace {

namespace fs = std::filesystem;
using Colour = std::array<double, 3>;

// 8-bit Y'CbCr rounds each channel by up to 1.2 of 255; flat frames lose less than 1 more to a quantizer of about 20. A wrong matrix, a
// wrong range or a frame too many are wrong by more than 10.
constexpr double kNear = 3;

struct Decoded {
    std::vector<Colour> means;
    int width = 0, height = 0;
    double fps = 0;
    double seconds = 0;
};

Colour mean_of(const std::uint8_t* rgb, std::size_t pixels, int channels) {
    Colour sum{};
    for (std::size_t i = 0; i < pixels; ++i) {
        for (std::size_t c = 0; c < 3; ++c) sum[c] += rgb[i * static_cast<std::size_t>(channels) + c];
    }
    for (double& value : sum) value /= static_cast<double>(pixels);
    return sum;
}

/// A flat frame with one darker half, of a colour that belongs to the number.
VideoFrame frame_of(int number, int width, int height) {
    VideoFrame frame{width, height, {}};
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const int dark = 2 * x < width ? 1 : 2;
            for (const int value : {40 + 20 * (number % 10), 220 - 17 * (number % 11), 60 + 31 * (number % 6)})
                frame.rgb.push_back(static_cast<std::uint8_t>(value / dark));
        }
    }
    return frame;
}

Colour mean_of(const VideoFrame& frame) { return mean_of(frame.rgb.data(), frame.rgb.size() / 3, 3); }

Colour mean_of(const AVFrame& frame) {
    const AvScaler scaler(sws_getContext(frame.width, frame.height, static_cast<AVPixelFormat>(frame.format), frame.width, frame.height,
                                         AV_PIX_FMT_RGB24, SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, nullptr, nullptr, nullptr));
    use_bt709(scaler.get(), true);
    std::vector<std::uint8_t> rgb(std::size_t{3} * static_cast<std::size_t>(frame.width) * static_cast<std::size_t>(frame.height));
    std::uint8_t* out[4] = {rgb.data(), nullptr, nullptr, nullptr};
    const int stride[4] = {3 * frame.width, 0, 0, 0};
    sws_scale(scaler.get(), frame.data, frame.linesize, 0, frame.height, out, stride);
    return mean_of(rgb.data(), rgb.size() / 3, 3);
}

Decoded decode_mp4(const fs::path& path) {
    AVFormatContext* opened = nullptr;
    checked(avformat_open_input(&opened, av_url(path).c_str(), nullptr, nullptr), "open");
    const AvInput input(opened);
    checked(avformat_find_stream_info(opened, nullptr), "stream");
    const AVStream& stream = *opened->streams[0];
    const AVCodec* codec = avcodec_find_decoder(stream.codecpar->codec_id);
    const AvCodec context(avcodec_alloc_context3(codec));
    avcodec_parameters_to_context(context.get(), stream.codecpar);
    context->thread_count = 1;
    checked(avcodec_open2(context.get(), codec, nullptr), "decoder");
    Decoded result{{},
                   stream.codecpar->width,
                   stream.codecpar->height,
                   av_q2d(stream.avg_frame_rate),
                   static_cast<double>(stream.duration) * av_q2d(stream.time_base)};
    EXPECT_EQ(stream.codecpar->color_space, AVCOL_SPC_BT709);
    const AvPacket packet(av_packet_alloc());
    const AvFrame frame(av_frame_alloc());
    const auto drain = [&] {
        while (avcodec_receive_frame(context.get(), frame.get()) == 0) {
            EXPECT_EQ(frame->format, AV_PIX_FMT_YUV420P);
            result.means.push_back(mean_of(*frame));
        }
    };
    while (av_read_frame(opened, packet.get()) == 0) {
        EXPECT_EQ(packet->pts, packet->dts) << "frames are stored in the order in which they are shown";
        avcodec_send_packet(context.get(), packet.get());
        av_packet_unref(packet.get());
        drain();
    }
    avcodec_send_packet(context.get(), nullptr);
    drain();
    return result;
}

Decoded decode_webp(const fs::path& path) {
    const std::string bytes = read_file(path);
    const WebPData data{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
    const std::unique_ptr<WebPAnimDecoder, decltype(&WebPAnimDecoderDelete)> decoder(WebPAnimDecoderNew(&data, nullptr),
                                                                                     WebPAnimDecoderDelete);
    if (!decoder) throw Error("no animation");
    WebPAnimInfo info{};
    WebPAnimDecoderGetInfo(decoder.get(), &info);
    Decoded result{{}, static_cast<int>(info.canvas_width), static_cast<int>(info.canvas_height)};
    std::uint8_t* rgba = nullptr;
    int milliseconds = 0;
    while (WebPAnimDecoderGetNext(decoder.get(), &rgba, &milliseconds) != 0) {
        result.means.push_back(mean_of(rgba, std::size_t{info.canvas_width} * info.canvas_height, 4));
    }
    result.seconds = milliseconds / 1000.0;
    return result;
}

class VideoTest : public testing::TestWithParam<const char*> {
protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("clipig-video-" + std::to_string(::getpid()));
        fs::create_directories(folder_);
    }
    void TearDown() override { fs::remove_all(folder_); }

    [[nodiscard]] VideoOptions options(const std::string& name, int width = 64, int height = 48) const {
        VideoOptions result;
        result.path = folder_ / (name + "." + GetParam());
        result.format = std::string(GetParam()) == "webp" ? "webp" : "mp4";
        if (result.format == "mp4") result.codec = GetParam();
        result.width = width;
        result.height = height;
        result.fps = 12.5;
        return result;
    }

    /// Frames first .. last - 1.
    static std::int64_t encode(const VideoOptions& options, int first, int last) {
        const auto encoder = make_encoder(options);
        for (int i = first; i < last; ++i) encoder->add(frame_of(i, options.width, options.height));
        return encoder->finish();
    }

    static Decoded decode(const VideoOptions& options) {
        return options.format == "mp4" ? decode_mp4(options.path) : decode_webp(options.path);
    }

    static void expect_frames(const Decoded& decoded, int count, int width, int height) {
        ASSERT_EQ(decoded.means.size(), static_cast<std::size_t>(count));
        for (int i = 0; i < count; ++i) {
            const Colour wanted = mean_of(frame_of(i, width, height));
            for (std::size_t c = 0; c < 3; ++c)
                EXPECT_NEAR(decoded.means[static_cast<std::size_t>(i)][c], wanted[c], kNear) << "frame " << i;
        }
    }

    [[nodiscard]] std::size_t files() const {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
    }

    fs::path folder_;
};

TEST_P(VideoTest, HoldsTheFramesThatWentIn) {
    const auto video = options("a");
    EXPECT_EQ(encode(video, 0, 30), 30);
    const Decoded decoded = decode(video);
    expect_frames(decoded, 30, 64, 48);
    EXPECT_EQ(decoded.width, 64);
    EXPECT_EQ(decoded.height, 48);
    EXPECT_NEAR(decoded.seconds, 30 / 12.5, .001);
    if (decoded.fps > 0) {
        EXPECT_EQ(decoded.fps, 12.5);
        const std::string bytes = read_file(video.path);
        EXPECT_LT(bytes.find("moov"), bytes.find("mdat")) << "the index stands in front";
    }
    EXPECT_EQ(files(), 1U);
}

TEST_P(VideoTest, SameFramesSameBytes) {
    encode(options("a"), 0, 12);
    encode(options("b"), 0, 12);
    EXPECT_EQ(read_file(options("a").path), read_file(options("b").path));
    encode(options("c"), 1, 13);
    EXPECT_NE(read_file(options("a").path), read_file(options("c").path));
}

TEST_P(VideoTest, QualityCostsBytes) {
    auto poor = options("a"), good = options("b");
    poor.quality = 10;
    good.quality = 95;
    for (const auto& video : {poor, good}) {
        const auto encoder = make_encoder(video);
        for (int i = 0; i < 12; ++i) {
            VideoFrame frame = frame_of(i, 64, 48);
            for (std::size_t k = 0; k < frame.rgb.size(); ++k)
                frame.rgb[k] = static_cast<std::uint8_t>(frame.rgb[k] / 2 + (k * k / 7 + k * 11) % 64);
            encoder->add(frame);
        }
        EXPECT_EQ(encoder->finish(), 12);
    }
    EXPECT_LT(fs::file_size(poor.path), fs::file_size(good.path));
}

TEST_P(VideoTest, OddSizesAndOneFrame) {
    auto video = options("a", 33, 21);
    video.hold = .4;
    encode(video, 0, 1);
    const Decoded decoded = decode(video);
    const bool mp4 = video.format == "mp4";
    EXPECT_EQ(decoded.width, mp4 ? 34 : 33);
    EXPECT_EQ(decoded.height, mp4 ? 22 : 21);
    EXPECT_EQ(decoded.means.size(), mp4 ? 6U : 1U) << "the hold is 5 frames, or time";
    EXPECT_NEAR(decoded.seconds, mp4 ? .48 : decoded.seconds, .001);
}

TEST_P(VideoTest, TheLastFrameIsHeld) {
    auto video = options("a");
    video.hold = 2;
    const std::int64_t frames = encode(video, 0, 5);
    const Decoded decoded = decode(video);
    EXPECT_EQ(decoded.means.size(), static_cast<std::size_t>(frames));
    EXPECT_NEAR(decoded.seconds, 5 / 12.5 + 2, .001);
    const Colour wanted = mean_of(frame_of(4, 64, 48));
    for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(decoded.means.back()[c], wanted[c], kNear);
}

TEST_P(VideoTest, FramesOfOtherSizesAreScaled) {
    const auto video = options("a", 64, 48);
    const auto encoder = make_encoder(video);
    const std::array<std::array<int, 2>, 4> sizes{{{16, 12}, {64, 48}, {128, 96}, {7, 31}}};
    for (int i = 0; i < 4; ++i) encoder->add(frame_of(i, sizes[static_cast<std::size_t>(i)][0], sizes[static_cast<std::size_t>(i)][1]));
    EXPECT_EQ(encoder->finish(), 4);
    const Decoded decoded = decode(video);
    ASSERT_EQ(decoded.means.size(), 4U);
    for (int i = 0; i < 4; ++i) {
        const Colour wanted = mean_of(frame_of(i, sizes[static_cast<std::size_t>(i)][0], sizes[static_cast<std::size_t>(i)][1]));
        for (std::size_t c = 0; c < 3; ++c)
            EXPECT_NEAR(decoded.means[static_cast<std::size_t>(i)][c], wanted[c], kNear + 2) << "frame " << i;
    }
}

TEST_P(VideoTest, GoesOnBehindAnyFrame) {
    auto video = options("a");
    video.hold = 1;
    encode(video, 0, 20);
    for (const int keep : {1, 7, 20}) {
        auto next = options("b" + std::to_string(keep));
        fs::copy_file(video.path, next.path);
        next.keep = keep;
        EXPECT_EQ(encode(next, keep, 26), 26);
        expect_frames(decode(next), 26, 64, 48);
        EXPECT_NEAR(decode(next).seconds, 26 / 12.5, .001);
    }
}

TEST_P(VideoTest, SaysWhyItCannotGoOn) {
    encode(options("a"), 0, 5);
    auto few = options("a");
    few.keep = 6;
    EXPECT_THROW((void)make_encoder(few), CannotContinue);
    auto size = options("a", 48, 48);
    size.keep = 2;
    EXPECT_THROW((void)make_encoder(size), CannotContinue);
    write_file_atomic(options("n").path, "no video at all");
    auto none = options("n");
    none.keep = 1;
    EXPECT_THROW((void)make_encoder(none), CannotContinue);
    auto fps = options("a");
    fps.keep = 2;
    fps.fps = 10;
    if (fps.format == "mp4") {
        EXPECT_THROW((void)make_encoder(fps), CannotContinue);
    }
    EXPECT_EQ(files(), 2U) << "nothing is left of the attempts";
}

TEST_P(VideoTest, NothingIsLeftOfAVideoThatIsNotFinished) {
    encode(options("a"), 0, 3);
    const std::string before = read_file(options("a").path);
    {
        const auto encoder = make_encoder(options("a"));
        encoder->add(frame_of(7, 64, 48));
    }
    EXPECT_EQ(read_file(options("a").path), before);
    EXPECT_EQ(files(), 1U);
    auto nowhere = options("a");
    nowhere.path = folder_ / "none" / "x.mp4";
    EXPECT_THROW((void)make_encoder(nowhere), Error);
}

TEST_P(VideoTest, AFullDiskIsAnError) {
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{300, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    std::string message;
    try {
        encode(options("a"), 0, 40);
    } catch (const Error& error) {
        message = error.what();
    }
    setrlimit(RLIMIT_FSIZE, &before);
    EXPECT_NE(message.find("cannot write '"), std::string::npos) << message;
    EXPECT_EQ(files(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Formats, VideoTest, testing::Values("libx264", "mpeg4", "webp"));

}  // namespace
}  // namespace clipig
