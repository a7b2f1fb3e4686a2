#include "sinks/picture_files.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "image/convert.h"
#include "image/write_picture.h"

namespace clipig {
namespace fs = std::filesystem;
namespace {

/// The comment on top of the YAML: when, how long, and the last statistics.
std::vector<std::string> story(const PictureEvent& event) {
    std::vector<std::string> lines;
    lines.push_back(fmt::format("clipig {}, {:%Y-%m-%d %H:%M:%S}", CLIPIG_VERSION, fmt::localtime(std::time(nullptr))));
    lines.push_back(fmt::format("epochs: {}, run time: {}", event.epochs_done, duration_text(event.elapsed_seconds)));
    for (const TargetStats& target : event.targets) {
        lines.push_back(fmt::format("target '{}': loss {:.5g}, weight {:.4g}, views {}", target.name, target.loss, target.weight, target.views));
        for (const FeatureStats& feature : target.features) {
            if (feature.active) lines.push_back(fmt::format("  similarity {:.3f}, weight {:.4g}: {}", feature.similarity, feature.weight, feature.name));
        }
        for (const ConstraintStats& constraint : target.constraints) {
            if (constraint.weight != 0) lines.push_back(fmt::format("  constraint {}: {:.5g}, weight {:.4g}", constraint.name, constraint.value, constraint.weight));
        }
    }
    return lines;
}

/// `x.yaml` for `x.png`, unless that file is there already: then `x.png.yaml`.
fs::path companion(const fs::path& picture) {
    fs::path yaml = picture;
    yaml.replace_extension(".yaml");
    std::error_code code;
    return fs::exists(yaml, code) ? fs::path(picture.string() + ".yaml") : yaml;
}

}  // namespace

fs::path picture_path(const std::string& output, const std::string& config_name) {
    std::error_code code;
    const fs::path path = expand_home(output);
    if (!output.empty() && !output.ends_with('/') && !fs::is_directory(path, code)) {
        if (lower(path.extension().string()) == ".png") return path;
        throw InputError("output '" + output + "' is neither a folder nor a .png file; a folder's name ends with /");
    }
    std::string stem = fs::path(config_name).stem().string();
    if (config_name == "-" || stem.empty()) stem = "clipig";
    return path / (stem + ".png");
}

PictureFiles::PictureFiles(fs::path path, std::function<Node()> resolved, std::function<void(const std::string&)> warn)
    : path_(std::move(path)), yaml_(companion(path_)), resolved_(std::move(resolved)), warn_(std::move(warn)) {}

PictureFiles::~PictureFiles() {
    std::error_code code;
    if (!written_ && fs::file_size(path_, code) == 0 && !code) fs::remove(path_, code);
}

void PictureFiles::write(const fs::path& path, const fs::path& yaml, const PictureEvent& event) const {
    write_picture(path, from_planes(*event.planes, 8), {});
    write_file_atomic(yaml, dump_yaml(resolved_(), story(event)));
}

void PictureFiles::picture(const PictureEvent& event) {
    try {
        write(path_, yaml_, event);
        written_ = true;
        return;
    } catch (const Error& error) {
        if (event.reason == PictureReason::snapshot) {
            warn_(std::string(error.what()) + "; the run goes on and will try again");
            return;
        }
        const fs::path rescue = reserve_name(fs::temp_directory_path() / path_.filename());
        write(rescue, companion(rescue), event);
        throw Error(std::string(error.what()) + "; the picture is in '" + rescue.string() + "' instead");
    }
}

}  // namespace clipig
