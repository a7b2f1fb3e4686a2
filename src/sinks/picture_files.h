// Writes the picture of a run and the YAML that repeats it.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "config/config.h"
#include "engine/events.h"

namespace clipig {

/// Where a run's picture goes: `output` is a folder (it ends with `/`, or is one) and the file is named after the last
/// configuration, or it is a picture file. `config_name` is the last configuration's path, `-` for standard input.
[[nodiscard]] std::filesystem::path picture_path(const std::string& output, const std::string& config_name);

class PictureFiles final : public Sink {
public:
    /// `path` was reserved by reserve_name() and belongs to this run. `resolved` gives the configuration to write beside it;
    /// `warn` receives one sentence when a snapshot could not be written (the run goes on).
    PictureFiles(std::filesystem::path path, std::function<Node()> resolved, std::function<void(const std::string&)> warn);
    /// Removes the reserved name when no picture was ever written.
    ~PictureFiles() override;

    /// Writes picture and YAML, each whole or not at all. At the end of a run a failure tries the temporary folder, and throws Error
    /// that says where the picture is, or that it is lost.
    void picture(const PictureEvent& event) override;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    void write(const std::filesystem::path& path, const std::filesystem::path& yaml, const PictureEvent& event) const;

    std::filesystem::path path_;
    std::filesystem::path yaml_;  ///< beside it: `x.yaml`, or `x.png.yaml` where x.yaml is somebody else's (the experiment itself)
    std::function<Node()> resolved_;
    std::function<void(const std::string&)> warn_;
    bool written_ = false;
};

}  // namespace clipig
