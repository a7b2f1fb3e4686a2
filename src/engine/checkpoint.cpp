#include "engine/checkpoint.h"

#include <cstring>

#include <fmt/format.h>

#include "base/error.h"
#include "engine/event_json.h"
#include "models/tensor_file.h"

namespace clipig {
namespace {

using nlohmann::json;

constexpr const char* kFormat = "1";  // raised when older programs could no longer read it

TensorToWrite view_of(const std::string& name, const Tensor& tensor) {
    DataType type = DataType::f32;
    if (tensor.scalar_type() == at::kLong) {
        type = DataType::i64;
    } else if (tensor.scalar_type() == at::kDouble) {
        type = DataType::f64;
    } else if (tensor.scalar_type() != at::kFloat) {
        throw Error("a checkpoint holds float32, float64 and int64; '" + name + "' is something else");
    }
    const auto* bytes = static_cast<const std::byte*>(tensor.data_ptr());
    return {name, type, tensor.sizes().vec(), {bytes, tensor.nbytes()}};
}

Tensor tensor_of(const TensorInfo& info) {
    at::ScalarType type = at::kFloat;
    if (info.type == DataType::i64) {
        type = at::kLong;
    } else if (info.type == DataType::f64) {
        type = at::kDouble;
    } else if (info.type != DataType::f32) {
        throw InputError(fmt::format("tensor '{}' has a type that checkpoints do not use", info.name));
    }
    Tensor tensor = at::empty(info.shape, type);
    if (tensor.numel() > 0) std::memcpy(tensor.data_ptr(), info.data.data(), tensor.nbytes());
    return tensor;
}

json facts_of(const RunState& state) {
    json fair = json::object();
    for (const auto& [target, scales] : state.fair_scales) fair[std::to_string(target)] = scales;
    const KeptPictures& pictures = state.pixels.kept;
    const json kept{{"averaged", pictures.averaged},
                    {"best_loss", pictures.best_loss},
                    {"smooth_loss", pictures.smooth_loss},
                    {"smoothed", pictures.smoothed}};
    json models = json::array();
    for (const ModelFact& model : state.models) models.push_back({{"name", model.name}, {"sha256", model.hash}});
    return {{"epoch", state.epoch},       {"epochs", state.epochs}, {"seed", state.seed}, {"rate_factor", state.rate_factor},
            {"skipped", state.skipped},   {"fair_scales", fair},    {"kept", kept},       {"models", models},
            {"last", to_json(state.last)}};
}

void read_facts(const json& facts, RunState& state) {
    state.epoch = facts.at("epoch").get<std::int64_t>();
    state.epochs = facts.at("epochs").get<std::int64_t>();
    state.seed = facts.at("seed").get<std::uint64_t>();
    state.rate_factor = facts.at("rate_factor").get<double>();
    state.skipped = facts.at("skipped").get<std::int64_t>();
    for (const auto& [target, scales] : facts.at("fair_scales").items()) {
        state.fair_scales[static_cast<std::uint32_t>(std::stoul(target))] = scales.get<std::vector<double>>();
    }
    if (const auto found = facts.find("kept"); found != facts.end()) {  // not in the first checkpoints
        KeptPictures& pictures = state.pixels.kept;
        pictures.averaged = found->at("averaged").get<std::int64_t>();
        pictures.best_loss = found->at("best_loss").get<double>();
        pictures.smooth_loss = found->at("smooth_loss").get<double>();
        pictures.smoothed = found->at("smoothed").get<std::int64_t>();
    }
    for (const json& model : facts.at("models")) {
        state.models.push_back({model.at("name").get<std::string>(), model.at("sha256").get<std::string>()});
    }
    state.last = step_from_json(facts.at("last"));
    if (state.epoch < 0 || state.epochs < state.epoch) throw InputError("its epochs make no sense");
}

bool is_picture(const Tensor& t) {
    return t.dim() == 4 && t.size(0) == 1 && t.size(1) == 3 && t.numel() > 0 && t.scalar_type() == at::kFloat;
}

void read_video(const json& facts, VideoName& video) {
    video.path = facts.at("file").get<std::string>();
    video.first = facts.at("first").get<std::int64_t>();
    video.interval = facts.at("interval").get<std::int64_t>();
    if (video.first < 0 || video.interval < 1) throw InputError("the epochs of its video make no sense");
}

/// `optimizer.exp_avg.0` is number 0 of `exp_avg`; numbers come without gaps because the tensors are sorted by name.
void take_tensor(const TensorInfo& info, PixelState& pixels, std::map<std::string, std::map<std::size_t, Tensor>>& numbered) {
    for (const auto& [name, picture] :
         {std::pair{"image", &pixels.image}, {"average", &pixels.kept.average}, {"best", &pixels.kept.best}}) {
        if (info.name != name) continue;
        *picture = tensor_of(info);
        if (!is_picture(*picture)) throw InputError(fmt::format("its {} is not [1,3,height,width]", name));
        return;
    }
    const std::size_t dot = info.name.rfind('.');
    if (dot == std::string::npos || dot + 1 == info.name.size() ||
        info.name.find_first_not_of("0123456789", dot + 1) != std::string::npos) {
        throw InputError(fmt::format("tensor '{}' is unknown", info.name));
    }
    numbered[info.name.substr(0, dot)][std::stoul(info.name.substr(dot + 1))] = tensor_of(info);
}

PixelState read_pixels(const TensorFile& file) {
    PixelState pixels;
    std::map<std::string, std::map<std::size_t, Tensor>> numbered;
    for (const TensorInfo& info : file.tensors()) take_tensor(info, pixels, numbered);
    for (const auto& [name, tensors] : numbered) {
        if (tensors.rbegin()->first + 1 != tensors.size()) throw InputError(fmt::format("tensors of '{}' are missing", name));
        std::vector<Tensor> list;
        for (const auto& [number, tensor] : tensors) list.push_back(tensor);
        if (name == "pixels") {
            pixels.parameters = std::move(list);
        } else if (name.starts_with("optimizer.")) {
            pixels.optimizer[name.substr(10)] = std::move(list);
        } else {
            throw InputError(fmt::format("tensor '{}' is unknown", name));
        }
    }
    if (pixels.parameters.empty()) throw InputError("it holds no pixels");
    if (!is_picture(pixels.picture())) {
        throw InputError("its picture is not [1,3,height,width]");
    }
    return pixels;
}

Checkpoint read_unnamed(const std::filesystem::path& path) {
    const auto file = open_tensors(path);
    const auto& texts = file->metadata();
    const auto text = [&texts](const char* key) {
        const auto found = texts.find(key);
        if (found == texts.end()) throw InputError(fmt::format("it has no entry '{}'", key));
        return found->second;
    };
    if (text("clipig.checkpoint") != kFormat) throw InputError("it was written by a newer version of clipig");
    Checkpoint checkpoint;
    checkpoint.picture = text("clipig.picture");
    checkpoint.yaml = text("clipig.yaml");
    checkpoint.state.configuration = text("clipig.configuration");
    checkpoint.state.version = text("clipig.version");
    if (texts.contains("clipig.video")) read_video(json::parse(text("clipig.video")), checkpoint.video);
    // a name with a folder in it could write anywhere
    std::vector<std::string> names{checkpoint.picture, checkpoint.yaml};
    if (!checkpoint.video.path.empty()) names.push_back(checkpoint.video.path.string());
    for (const std::string& name : names) {
        if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos) {
            throw InputError(fmt::format("it names '{}' as one of its files, which is not a plain file name", name));
        }
    }
    checkpoint.state.pixels = read_pixels(*file);
    read_facts(json::parse(text("clipig.state")), checkpoint.state);
    return checkpoint;
}

}  // namespace

void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint) {
    const RunState& state = checkpoint.state;
    std::vector<TensorToWrite> tensors;
    for (std::size_t i = 0; i < state.pixels.parameters.size(); ++i) {
        tensors.push_back(view_of(fmt::format("pixels.{}", i), state.pixels.parameters[i]));
    }
    if (state.pixels.image.defined()) tensors.push_back(view_of("image", state.pixels.image));
    if (state.pixels.kept.average.defined()) tensors.push_back(view_of("average", state.pixels.kept.average));
    if (state.pixels.kept.best.defined()) tensors.push_back(view_of("best", state.pixels.kept.best));
    for (const auto& [name, list] : state.pixels.optimizer) {
        for (std::size_t i = 0; i < list.size(); ++i) tensors.push_back(view_of(fmt::format("optimizer.{}.{}", name, i), list[i]));
    }
    std::map<std::string, std::string> texts{{"clipig.checkpoint", kFormat},
                                             {"clipig.version", state.version},
                                             {"clipig.picture", checkpoint.picture},
                                             {"clipig.yaml", checkpoint.yaml},
                                             {"clipig.configuration", state.configuration},
                                             {"clipig.state", facts_of(state).dump(-1, ' ', false, json::error_handler_t::replace)}};
    if (const VideoName& video = checkpoint.video; !video.path.empty()) {
        const json facts{{"file", video.path.string()}, {"first", video.first}, {"interval", video.interval}};
        texts["clipig.video"] = facts.dump(-1, ' ', false, json::error_handler_t::replace);
    }
    write_safetensors(path, tensors, texts);
}

Checkpoint read_checkpoint(const std::filesystem::path& path) {
    try {
        return read_unnamed(path);
    } catch (const InputError& error) {
        throw InputError(fmt::format("'{}' is not a usable checkpoint: {}", path.string(), error.what()));
    } catch (const std::exception& error) {  // of the JSON library, or of a number that is none
        throw InputError(fmt::format("'{}' is not a usable checkpoint: {}", path.string(), error.what()));
    }
}

}  // namespace clipig
