// MP4 through libav: H.264 by libx264 where the library has it, else MPEG-4 part 2. One thread and exact arithmetic, so that the same
// frames give the same bytes; no frames that refer to later ones, so that a file can be continued behind any frame.
#include <algorithm>
#include <cmath>

#include "base/temporary_file.h"
#include "video/fit_frame.h"
#include "video/libav.h"

namespace clipig::detail {
namespace {

/// The file that is continued, positioned at its first packet.
struct Source {
    AvInput format;
    const AVStream* stream = nullptr;
};

Source open_source(const VideoOptions& options) {
    AVFormatContext* opened = nullptr;
    if (avformat_open_input(&opened, av_url(options.path).c_str(), nullptr, nullptr) < 0) throw CannotContinue("it is no video");
    Source source{AvInput(opened)};
    if (opened->nb_streams != 1 || avformat_find_stream_info(opened, nullptr) < 0)
        throw CannotContinue("it holds something else than a video");
    source.stream = opened->streams[0];
    const AVCodecParameters& codec = *source.stream->codecpar;
    const int even_width = options.width + options.width % 2, even_height = options.height + options.height % 2;
    if (codec.width != even_width || codec.height != even_height) throw CannotContinue("its frames have another size");
    if (source.stream->nb_frames < options.keep) throw CannotContinue("it holds too few frames");
    return source;
}

class Mp4Encoder final : public VideoEncoder {
public:
    explicit Mp4Encoder(const VideoOptions& options) : options_(options), file_(options.path), fitter_(options.width, options.height) {
        file_.lock();
        av_log_set_level(AV_LOG_QUIET);
        rate_ = av_d2q(options.fps, 30000);
        Source source;
        if (options.keep > 0) source = open_source(options);
        width_ = options.width + options.width % 2;
        height_ = options.height + options.height % 2;
        open_codec();
        open_file();
        packet_.reset(av_packet_alloc());
        if (options.keep > 0) copy(source);
    }

    void add(const VideoFrame& frame) override {
        const VideoFrame even = even_sized(fitter_.fit(frame));
        AvFrame picture(av_frame_alloc());
        picture->format = codec_->pix_fmt;
        picture->quality = codec_->global_quality;
        picture->width = width_;
        picture->height = height_;
        checked(av_frame_get_buffer(picture.get(), 0), "no memory for a frame");
        const std::uint8_t* in[4] = {even.rgb.data(), nullptr, nullptr, nullptr};
        const int stride[4] = {3 * width_, 0, 0, 0};
        sws_scale(scaler_.get(), in, stride, 0, height_, picture->data, picture->linesize);
        last_ = std::move(picture);
        send(last_.get());
    }

    std::int64_t finish() override {
        for (std::int64_t i = held_frames(options_); i > 0; --i) send(last_.get());
        const std::int64_t frames = next_;
        send(nullptr);
        checked(av_write_trailer(out_.get()), cannot_write());
        checked(avio_closep(&out_->pb), cannot_write());
        file_.keep();
        return frames;
    }

private:
    [[nodiscard]] std::string cannot_write() const { return "cannot write '" + options_.path.string() + "'"; }

    void open_codec() {
        const AVCodec* codec = avcodec_find_encoder_by_name(options_.codec.c_str());
        if (codec == nullptr) codec = avcodec_find_encoder(AV_CODEC_ID_MPEG4);
        if (codec == nullptr) throw Error("libavcodec has neither libx264 nor mpeg4; take format: webp");
        codec_.reset(avcodec_alloc_context3(codec));
        codec_->width = width_;
        codec_->height = height_;
        codec_->pix_fmt = AV_PIX_FMT_YUV420P;
        codec_->time_base = av_inv_q(rate_);
        codec_->framerate = rate_;
        codec_->thread_count = 1;
        codec_->max_b_frames = 0;
        codec_->flags |= AV_CODEC_FLAG_BITEXACT | AV_CODEC_FLAG_GLOBAL_HEADER;
        codec_->color_range = AVCOL_RANGE_MPEG;
        codec_->colorspace = AVCOL_SPC_BT709;
        codec_->color_primaries = AVCOL_PRI_BT709;
        codec_->color_trc = AVCOL_TRC_IEC61966_2_1;  // sRGB
        if (codec->id == AV_CODEC_ID_H264) {
            const double crf = 51 - .41 * options_.quality;  // 75 is about 20
            av_opt_set(codec_->priv_data, "preset", "fast", 0);
            av_opt_set_double(codec_->priv_data, "crf", crf, 0);
        } else {
            const double quantizer = 1 + .12 * (100 - options_.quality);  // 75 is 4
            codec_->flags |= AV_CODEC_FLAG_QSCALE;
            codec_->global_quality = static_cast<int>(std::lround(FF_QP2LAMBDA * quantizer));
        }
        checked(avcodec_open2(codec_.get(), codec, nullptr), std::string("the encoder ") + codec->name + " refuses such frames");
        scaler_.reset(sws_getContext(width_, height_, AV_PIX_FMT_RGB24, width_, height_, AV_PIX_FMT_YUV420P,
                                     SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP | SWS_BITEXACT, nullptr, nullptr, nullptr));
        if (!scaler_) throw Error("libswscale cannot convert such frames");
        use_bt709(scaler_.get(), false);
    }

    void open_file() {
        AVFormatContext* made = nullptr;
        const std::string url = av_url(file_.path());
        checked(avformat_alloc_output_context2(&made, nullptr, "mp4", url.c_str()), "libavformat cannot write MP4");
        out_.reset(made);
        out_->flags |= AVFMT_FLAG_BITEXACT;
        stream_ = avformat_new_stream(made, nullptr);
        stream_->time_base = codec_->time_base;
        stream_->avg_frame_rate = rate_;
        checked(avcodec_parameters_from_context(stream_->codecpar, codec_.get()), "the encoder says nothing about its frames");
        checked(avio_open(&out_->pb, url.c_str(), AVIO_FLAG_WRITE), cannot_write());
        AVDictionary* settings = nullptr;
        av_dict_set(&settings, "movflags", "+faststart", 0);
        const int done = avformat_write_header(made, &settings);
        av_dict_free(&settings);
        checked(done, cannot_write());
    }

    /// The packets of the frames that are kept. They refer to earlier ones only, and the first of ours to none. MP4 holds H.264 in another
    /// form than encoders make it.
    void copy(const Source& source) {
        const AvFilter filter = filter_for(source);
        const AVCodecParameters &theirs = *filter->par_out, &ours = *stream_->codecpar;
        // ours ends with the encoder's own words, which the file does not keep there
        const bool same = theirs.codec_id == ours.codec_id && theirs.extradata_size <= ours.extradata_size &&
                          std::equal(theirs.extradata, theirs.extradata + theirs.extradata_size, ours.extradata);
        if (!same) throw CannotContinue("it was encoded in another way");
        if (av_cmp_q(source.stream->avg_frame_rate, rate_) != 0) throw CannotContinue("it has another number of frames per second");
        while (next_ < options_.keep) {
            if (av_read_frame(source.format.get(), packet_.get()) < 0) throw CannotContinue("it holds too few frames");
            if (av_bsf_send_packet(filter.get(), packet_.get()) < 0 || av_bsf_receive_packet(filter.get(), packet_.get()) < 0) {
                throw CannotContinue("its frames are damaged");
            }
            packet_->pts = packet_->dts = next_++;
            write();
        }
    }

    static AvFilter filter_for(const Source& source) {
        const bool h264 = source.stream->codecpar->codec_id == AV_CODEC_ID_H264;
        AVBSFContext* made = nullptr;
        checked(av_bsf_list_parse_str(h264 ? "h264_mp4toannexb" : "null", &made), "libavcodec lacks a filter");
        AvFilter filter(made);
        avcodec_parameters_copy(made->par_in, source.stream->codecpar);
        made->time_base_in = source.stream->time_base;
        if (av_bsf_init(made) < 0) throw CannotContinue("its frames are damaged");
        return filter;
    }

    void send(AVFrame* frame) {
        if (frame) frame->pts = next_++;
        checked(avcodec_send_frame(codec_.get(), frame), "the encoder refuses a frame");
        for (;;) {
            const int code = avcodec_receive_packet(codec_.get(), packet_.get());
            if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return;
            checked(code, "the encoder fails");
            write();
        }
    }

    /// packet_, whose times count frames.
    void write() {
        packet_->duration = 1;
        packet_->stream_index = 0;
        packet_->pos = -1;
        av_packet_rescale_ts(packet_.get(), codec_->time_base, stream_->time_base);
        checked(av_interleaved_write_frame(out_.get(), packet_.get()), cannot_write());
        checked(out_->pb->error, cannot_write());
    }

    VideoOptions options_;
    TemporaryFile file_;
    FrameFitter fitter_;
    AVRational rate_{};
    int width_ = 0, height_ = 0;
    AvCodec codec_;
    AvScaler scaler_;
    AvOutput out_;
    AVStream* stream_ = nullptr;
    AvPacket packet_;
    AvFrame last_;
    std::int64_t next_ = 0;  ///< number of the next frame
};

}  // namespace

std::unique_ptr<VideoEncoder> make_mp4_encoder(const VideoOptions& options) { return std::make_unique<Mp4Encoder>(options); }

}  // namespace clipig::detail
