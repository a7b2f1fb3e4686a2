#include "sinks/picture_files.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "engine/checkpoint.h"
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
        lines.push_back(
            fmt::format("target '{}': loss {:.5g}, weight {:.4g}, views {}", target.name, target.loss, target.weight, target.views));
        for (const FeatureStats& feature : target.features) {
            if (feature.active)
                lines.push_back(fmt::format("  similarity {:.3f}, weight {:.4g}: {}", feature.similarity, feature.weight, feature.name));
        }
        for (const ConstraintStats& constraint : target.constraints) {
            if (constraint.weight != 0)
                lines.push_back(
                    fmt::format("  constraint {}: {:.5g}, weight {:.4g}", constraint.name, constraint.value, constraint.weight));
        }
    }
    return lines;
}

/// `stem + ending` beside the picture, unless that file is there already: then `picture.ext + ending`.
fs::path companion(const fs::path& picture, const std::string& ending) {
    fs::path path = picture;
    path.replace_filename(picture.stem().string() + ending);
    std::error_code code;
    return fs::exists(path, code) ? fs::path(picture.string() + ending) : path;
}

/// Of the configuration, what the pixels depend on.
Node essential(const Node& resolved) {
    Node node = resolved;
    static const std::set<std::string, std::less<>> kept_out{"verbose", "output", "snapshot_interval", "checkpoint", "checkpoint_interval",
                                                             "metrics", "video"};
    std::erase_if(node.entries, [](const MapEntry& entry) { return kept_out.contains(entry.key); });
    return node;
}

std::string similarity_lines(const std::vector<TargetStats>& targets) {
    std::string text;
    for (const TargetStats& target : targets) {
        for (const FeatureStats& feature : target.features) {
            if (feature.active) text += fmt::format("{:.3f} {}: {}\n", feature.similarity, target.name, feature.name);
        }
    }
    return text;
}

}  // namespace

fs::path picture_path(const std::string& output, const std::string& config_name) {
    std::error_code code;
    const fs::path path = expand_home(output);
    if (!output.empty() && !output.ends_with('/') && !fs::is_directory(path, code)) {
        if (picture_format(path.extension().string())) return path;
        throw InputError("output '" + output + "' is neither a folder nor a .png, .jpg, .webp or .tif file; a folder's name ends with /");
    }
    std::string stem = fs::path(config_name).stem().string();
    std::erase_if(stem, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    if (config_name == "-" || stem.find_first_not_of('.') == std::string::npos) stem = "clipig";
    return path / (stem + ".png");
}

RunNames names_beside(const fs::path& picture) {
    return {picture, companion(picture, ".yaml"), companion(picture, ".checkpoint.safetensors"), {}};
}

fs::path reserve_video(const fs::path& picture, const std::string& format) {
    return reserve_name(companion(picture, fmt::format(".{}", format)));
}

PictureText picture_story(const Node& resolved, const StartedEvent& run, const PictureEvent& event) {
    PictureText text{{"Software", "clipig " CLIPIG_VERSION},
                     {"clipig-configuration", dump_yaml(essential(resolved))},
                     {"clipig-seed", std::to_string(run.seed)},
                     {"clipig-epochs", fmt::format("{} of {}", event.epochs_done, run.epochs)}};
    std::string models;
    for (const ModelFact& model : run.models) models += fmt::format("{} sha256:{}\n", model.name, model.hash);
    if (!models.empty()) text["clipig-model"] = models;
    const std::string similarities = similarity_lines(event.targets);
    if (!similarities.empty()) text["clipig-similarity"] = similarities;
    return text;
}

PictureFiles::PictureFiles(RunNames names, bool resumed, std::function<Node()> resolved, std::function<void(const std::string&)> warn)
    : names_(std::move(names)), keep_(resumed), resolved_(std::move(resolved)), warn_(std::move(warn)) {}

PictureFiles::~PictureFiles() {
    std::error_code code;
    if (keep_ || fs::file_size(names_.picture, code) != 0 || code) return;
    fs::remove(names_.picture, code);
    if (!reached_) fs::remove(names_.checkpoint, code);
}

void PictureFiles::write_state(const RunNames& names, const RunState& state) const {
    const VideoName& video = names.video;
    write_checkpoint(
        names.checkpoint,
        {state, names.picture.filename().string(), names.yaml.filename().string(), {video.path.filename(), video.first, video.interval}});
}

void PictureFiles::write(const RunNames& names, const PictureEvent& event) const {
    const Node resolved = resolved_();
    const int depth = resolved.find("png_depth") != nullptr && resolved.find("png_depth")->scalar == "16" ? 16 : 8;
    write_picture(names.picture, from_planes(*event.planes, depth), picture_story(resolved, run_, event));
    write_file_atomic(names.yaml, dump_yaml(resolved, story(event)));
    // last, so that the picture is never older than the checkpoint
    if (event.state) write_state(names, *event.state);
}

void PictureFiles::checkpoint(const RunState& state) {
    try {
        write_state(names_, state);
    } catch (const Error& error) {
        warn_(std::string(error.what()) + "; the run goes on and will try again");
    }
}

void PictureFiles::picture(const PictureEvent& event) {
    reached_ = true;
    try {
        write(names_, event);
        keep_ = true;
    } catch (const Error& error) {
        if (event.reason != PictureReason::snapshot) rescue(event, error.what());
        warn_(std::string(error.what()) + "; the run goes on and will try again");
    }
}

void PictureFiles::rescue(const PictureEvent& event, const std::string& trouble) const {
    fs::path place;
    try {
        place = reserve_name(fs::temp_directory_path() / names_.picture.filename());
        write(names_beside(place), event);
    } catch (const std::exception& error) {
        std::error_code code;
        if (!place.empty() && fs::file_size(place, code) == 0 && !code) fs::remove(place, code);
        const bool there = !place.empty() && fs::exists(place, code);
        if (!there)
            throw Error(fmt::format("{}; the temporary folder failed, too ({}): the picture of the end is lost", trouble, error.what()));
    }
    throw Error(fmt::format("{}; the picture is in '{}' instead", trouble, place.string()));
}

}  // namespace clipig
