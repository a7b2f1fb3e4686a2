// The video of a run, made by the program clipig-video beside this one.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/process.h"
#include "config/config.h"
#include "engine/checkpoint.h"
#include "engine/events.h"

namespace clipig {

/// What a new or resumed run knows of its video.
struct VideoPlan {
    const Settings* settings = nullptr;  ///< section `video`
    std::filesystem::path picture;       ///< the run's
    std::array<std::int64_t, 2> size{};  ///< width and height
    std::int64_t epoch = 0;              ///< the first of this run
    VideoName before;                    ///< of the run that is resumed
    std::filesystem::path encoder;       ///< the program
};

/// Frames go through a pipe to the encoder, which completes the file when the pipe is closed: by finish(), or because this program was
/// killed. Whatever fails there is told once, and the run goes on without a video.
class VideoFile final : public Sink {
public:
    /// Reserves a name or finds what to continue, and starts the encoder.
    VideoFile(VideoPlan plan, std::function<void(const std::string&)> warn);
    /// A video that was not completed is thrown away.
    ~VideoFile() override;

    void frame(const FrameEvent& event) override;
    /// At the end of a run: completes the file.
    void picture(const PictureEvent& event) override;

    /// For the checkpoint. The path is empty when there is no video.
    [[nodiscard]] const VideoName& name() const { return name_; }
    /// Of the completed file; nothing when there is none.
    [[nodiscard]] std::optional<std::int64_t> frames() const { return frames_; }

private:
    [[nodiscard]] bool continued();
    void start(std::int64_t keep);
    /// The encoder's next line that begins with one of the words; nothing when it has ended.
    [[nodiscard]] std::optional<std::string> answer(const std::string& word, const std::string& other);
    void give_up(const std::string& why);
    [[nodiscard]] std::string file_name() const { return name_.path.string(); }

    VideoPlan plan_;
    std::function<void(const std::string&)> warn_;
    VideoName name_;
    std::optional<ChildProcess> encoder_;
    std::optional<std::int64_t> frames_;
};

}  // namespace clipig
