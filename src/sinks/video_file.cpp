#include "sinks/video_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <chrono>
#include <thread>

#include "base/error.h"
#include "base/temporary_file.h"
#include "base/text.h"
#include "image/convert.h"
#include "sinks/picture_files.h"

namespace clipig {
namespace fs = std::filesystem;
namespace {

constexpr auto kPatience = std::chrono::seconds(60);  // for the encoder of a run that was just killed

/// Waits until no living encoder writes this video any more, and removes what dead ones left behind.
void settle(const fs::path& video) {
    std::error_code code;
    const auto end = std::chrono::steady_clock::now() + kPatience;
    for (const fs::path& path : temporary_files_of(video)) {
        const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        while (file.valid() && ::flock(file.get(), LOCK_EX | LOCK_NB) != 0 && std::chrono::steady_clock::now() < end) {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        fs::remove(path, code);
    }
}

/// How many multiples of `interval` there are below `epoch`.
std::int64_t multiples_below(std::int64_t epoch, std::int64_t interval) { return (epoch + interval - 1) / interval; }

void append_number(std::string& bytes, int number) {
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(static_cast<unsigned>(number) >> shift);
}

/// As clipig-video reads it.
std::string message_of(const Planes& planes) {
    const Picture picture = from_planes(planes);
    std::string bytes;
    bytes.reserve(picture.samples.size() + 8);
    append_number(bytes, picture.width);
    append_number(bytes, picture.height);
    for (const std::uint16_t sample : picture.samples) bytes += static_cast<char>(sample);
    return bytes;
}

}  // namespace

VideoFile::VideoFile(VideoPlan plan, std::function<void(const std::string&)> warn) : plan_(std::move(plan)), warn_(std::move(warn)) {
    try {
        if (continued()) return;
        const std::int64_t interval = (*plan_.settings)["interval"].integer();
        // a file that never became whole keeps its name
        if (name_.path.empty()) name_.path = reserve_video(plan_.picture, lower((*plan_.settings)["format"].text()));
        name_.first = plan_.epoch;
        name_.interval = interval;
        start(0);
    } catch (const Error& error) {
        give_up(error.what());
    }
}

VideoFile::~VideoFile() {
    if (!encoder_) return;
    (void)encoder_->write(std::string(8, '\0'));
    encoder_->finish();
    std::error_code code;
    if (fs::file_size(name_.path, code) == 0 && !code) fs::remove(name_.path, code);
}

/// True when the encoder goes on behind the frames that lie before this run. Else it begins anew, under name_ where that is not empty.
bool VideoFile::continued() {
    if (plan_.before.path.empty()) return false;
    const std::string old = plan_.before.path.string();
    const Settings& settings = *plan_.settings;
    if (plan_.before.path.extension() != fmt::format(".{}", lower(settings["format"].text())) ||
        plan_.before.interval != settings["interval"].integer()) {
        warn_(fmt::format("the video '{}' has another format or interval: a new one begins", old));
        return false;
    }
    settle(plan_.before.path);
    const std::int64_t keep =
        multiples_below(plan_.epoch, plan_.before.interval) - multiples_below(plan_.before.first, plan_.before.interval);
    std::error_code code;
    const bool empty = fs::file_size(plan_.before.path, code) == 0 || code;
    name_ = plan_.before;
    if (empty || keep <= 0) {
        if (keep > 0) warn_(fmt::format("the frames of '{}' before epoch {} are lost: it begins there", old, plan_.epoch));
        return false;
    }
    start(keep);
    const auto line = answer("ready", "no ");
    if (line && *line == "ready") return true;
    if (!line) throw Error("its encoder ended without a word");
    encoder_.reset();
    name_ = {};
    warn_(fmt::format("the video '{}' cannot go on ({}): a new one begins", old, line->substr(3)));
    return false;
}

void VideoFile::start(std::int64_t keep) {
    const Settings& settings = *plan_.settings;
    const auto number = [&settings](const char* key) { return fmt::format("{}", settings[key].real()); };
    encoder_.emplace(plan_.encoder, std::vector<std::string>{file_name(), lower(settings["format"].text()), std::to_string(plan_.size[0]),
                                                             std::to_string(plan_.size[1]), number("fps"), number("quality"),
                                                             number("hold"), std::to_string(keep)});
}

std::optional<std::string> VideoFile::answer(const std::string& word, const std::string& other) {
    while (auto line = encoder_->read_line()) {
        if (line->starts_with("error ")) throw Error(line->substr(6));
        if (line->starts_with(word) || line->starts_with(other)) return line;
    }
    return std::nullopt;
}

void VideoFile::give_up(const std::string& why) {
    encoder_.reset();
    std::error_code code;
    if (!name_.path.empty() && fs::file_size(name_.path, code) == 0 && !code) fs::remove(name_.path, code);
    name_.path.clear();
    warn_(fmt::format("{}; the run goes on without a video", why));
}

void VideoFile::frame(const FrameEvent& event) {
    if (!encoder_ || encoder_->write(message_of(*event.planes))) return;
    try {
        encoder_->finish();
        (void)answer("done ", "done ");
        give_up("the video's encoder ended before the run");
    } catch (const Error& error) {
        give_up(error.what());
    }
}

void VideoFile::picture(const PictureEvent& event) {
    if (!encoder_ || event.reason == PictureReason::snapshot) return;
    try {
        encoder_->finish();
        const auto line = answer("done ", "done ");
        if (!line) throw Error("the video's encoder ended without a word");
        frames_ = std::stoll(line->substr(5));
        encoder_.reset();
    } catch (const Error& error) {
        give_up(error.what());
    }
}

}  // namespace clipig
