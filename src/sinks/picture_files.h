// The files of a run: the picture, the YAML that repeats it, and the checkpoint from which it goes on.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "config/config.h"
#include "engine/checkpoint.h"
#include "engine/events.h"
#include "image/write_picture.h"

namespace clipig {

/// Where a run's picture goes: `output` is a folder (it ends with `/`, or is one) and the file is named after the last
/// configuration, or it is a picture file. `config_name` is the last configuration's path, `-` for standard input; only its last
/// part counts, so that no configuration can choose another folder by its name.
[[nodiscard]] std::filesystem::path picture_path(const std::string& output, const std::string& config_name);

/// Files that belong together; all in one folder.
struct RunNames {
    std::filesystem::path picture;
    std::filesystem::path yaml;        ///< `x.yaml`, or `x.png.yaml` where x.yaml is somebody else's (the experiment itself)
    std::filesystem::path checkpoint;  ///< `x.checkpoint.safetensors`, or `x.png.checkpoint.safetensors`
    VideoName video;                   ///< see reserve_video()
};

/// The names beside a new picture.
[[nodiscard]] RunNames names_beside(const std::filesystem::path& picture);

/// The name of a new video beside the picture, `x.mp4`, or `x.png.mp4`, or that with a number; reserved by an empty file.
[[nodiscard]] std::filesystem::path reserve_video(const std::filesystem::path& picture, const std::string& format);

/// The story that a picture carries: configuration, seed, version, model, epochs, similarities. Nothing in it differs between two runs that
/// give the same pixels: no date, no seconds, and none of the parameters that only say what is written where.
[[nodiscard]] PictureText picture_story(const Node& resolved, const StartedEvent& run, const PictureEvent& event);

class PictureFiles final : public Sink {
public:
    /// `names.picture` was reserved by reserve_name(), or is that of the run that is resumed (`resumed`). `resolved` gives the
    /// configuration; `warn` receives one sentence when a snapshot could not be written (the run goes on).
    PictureFiles(RunNames names, bool resumed, std::function<Node()> resolved, std::function<void(const std::string&)> warn);
    /// Removes the reserved name when no picture was ever written.
    ~PictureFiles() override;

    void started(const StartedEvent& event) override { run_ = event; }
    void checkpoint(const RunState& state) override;
    /// Writes picture, YAML and checkpoint, each whole or not at all. At the end of a run a failure tries the temporary folder, and
    /// throws Error that says where the picture is, or that it is lost.
    void picture(const PictureEvent& event) override;
    [[nodiscard]] const std::filesystem::path& path() const { return names_.picture; }

private:
    void write_state(const RunNames& names, const RunState& state) const;
    void write(const RunNames& names, const PictureEvent& event) const;
    [[noreturn]] void rescue(const PictureEvent& event, const std::string& trouble) const;

    RunNames names_;
    bool keep_;             ///< the reserved name holds something
    bool reached_ = false;  ///< there was a picture to write, so that the checkpoint is worth something
    std::function<Node()> resolved_;
    std::function<void(const std::string&)> warn_;
    StartedEvent run_;
};

}  // namespace clipig
