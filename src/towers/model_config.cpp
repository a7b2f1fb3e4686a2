#include "towers/model_config.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.h"
#include "towers/clip_model.h"

namespace clipig {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

Json read_json(const fs::path& path) {
    std::ifstream in(path);
    if (!in) throw InputError(path.string() + ": cannot be read");
    try {
        return Json::parse(in);
    } catch (const Json::exception& error) {
        throw InputError(path.string() + ": is no JSON: " + error.what());
    }
}

/// The value of a key when it is there and not null.
template <class T>
std::optional<T> value(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || found->is_null()) return std::nullopt;
    return found->get<T>();
}

Json part(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_object() ? *found : Json::object();
}

/// timm's ViT with attention pooling, which is written here; its other networks are not.
bool is_siglip(const Json& vision) {
    const std::string name = value<std::string>(vision, "timm_model_name").value_or("");
    return name.find("siglip") != std::string::npos && value<std::string>(vision, "timm_pool").value_or("map") == "map" &&
           value<std::string>(vision, "timm_proj").value_or("none") == "none";
}

/// open_clip options that change the network into one that is not written here.
void refuse_unsupported(const Json& vision, const Json& text, const std::string& file) {
    static const std::vector<const char*> kFlags{"attentional_pool", "global_average_pool", "no_ln_pre", "input_patchnorm",
                                                 "no_causal_mask",   "embed_cls",           "qk_norm",   "pos_embed_type"};
    const bool siglip = is_siglip(vision);
    for (const Json* config : {&vision, &text}) {
        for (const char* name : {"timm_model_name", "hf_model_name"}) {
            const auto other = value<Json>(*config, name);
            if (other && !siglip) throw InputError(file + ": `" + name + ": " + other->dump() + "` is a network that is not supported");
        }
        for (const std::string flag : kFlags) {
            const auto set = value<Json>(*config, flag.c_str());
            const bool off = !set || *set == false || *set == 0 || *set == "learnable" || (siglip && flag == "no_causal_mask");
            if (!off) throw InputError(file + ": `" + flag + ": " + set->dump() + "` is not supported");
        }
        const auto pool = value<std::string>(*config, "pool_type");
        const bool known = !pool || *pool == "tok" || *pool == "argmax" || *pool == "eos" || (siglip && *pool == "last");
        if (!known) throw InputError(file + ": `pool_type: " + *pool + "` is not supported");
    }
}

void read_open_clip(ModelConfig& config, const Json& root) {
    const Json model = part(root, "model_cfg");
    const Json vision = part(model, "vision_cfg");
    const Json text = part(model, "text_cfg");
    refuse_unsupported(vision, text, config.file);
    const bool quick = value<bool>(model, "quick_gelu").value_or(false);
    const bool tanh = value<std::string>(part(text, "act_kwargs"), "approximate") == "tanh";
    config.text_activation = quick ? Activation::quick_gelu : tanh ? Activation::gelu_tanh : Activation::gelu;
    if (is_siglip(vision)) {
        config.view_size = value<std::int64_t>(vision, "image_size");  // timm's towers do not follow the flag for QuickGELU
    } else {
        config.vision_activation = quick ? Activation::quick_gelu : Activation::gelu;
        config.vision_head_width = value<std::int64_t>(vision, "head_width").value_or(64);
    }
    config.text_heads = value<std::int64_t>(text, "heads");
    config.vision_epsilon = value<double>(part(vision, "norm_kwargs"), "eps");
    config.text_epsilon = value<double>(part(text, "norm_kwargs"), "eps");
    if (value<std::string>(text, "pool_type") == "eos") config.end_token = value<std::int64_t>(text, "eos_id");
    const Json preprocess = part(root, "preprocess_cfg");
    config.mean = value<std::array<double, 3>>(preprocess, "mean");
    config.deviation = value<std::array<double, 3>>(preprocess, "std");
    config.interpolation = value<std::string>(preprocess, "interpolation");
    config.resize_mode = value<std::string>(preprocess, "resize_mode");
}

Activation activation_of(const std::string& name, const std::string& file) {
    if (name == "quick_gelu") return Activation::quick_gelu;
    if (name == "gelu") return Activation::gelu;
    if (name == "gelu_new" || name == "gelu_pytorch_tanh" || name == "gelu_fast") return Activation::gelu_tanh;
    throw InputError(file + ": `hidden_act: " + name + "` is not supported; quick_gelu, gelu and gelu_pytorch_tanh are");
}

void read_transformers(ModelConfig& config, const Json& root) {
    const auto type = value<std::string>(root, "model_type").value_or("clip");
    const bool siglip = type == "siglip" || type == "siglip2";
    if (type != "clip" && !siglip) {
        throw InputError(config.file + ": `model_type: " + type + "` is not supported; clip, siglip and siglip2 are");
    }
    const auto tower = [&root](const char* name, const char* legacy) {  // the older *_config_dict wins when it is not null
        Json merged = part(root, name);
        merged.update(part(root, legacy));
        return merged;
    };
    const Json vision = tower("vision_config", "vision_config_dict");
    const Json text = tower("text_config", "text_config_dict");
    const std::string unsaid = siglip ? "gelu_pytorch_tanh" : "quick_gelu";
    config.vision_activation = activation_of(value<std::string>(vision, "hidden_act").value_or(unsaid), config.file);
    config.text_activation = activation_of(value<std::string>(text, "hidden_act").value_or(unsaid), config.file);
    config.vision_heads = value<std::int64_t>(vision, "num_attention_heads").value_or(12);
    config.text_heads = value<std::int64_t>(text, "num_attention_heads").value_or(siglip ? 12 : 8);
    config.vision_epsilon = value<double>(vision, "layer_norm_eps");
    config.text_epsilon = value<double>(text, "layer_norm_eps");
    if (siglip) {
        config.view_size = value<std::int64_t>(vision, "image_size");
        return;  // pools at the last place
    }
    // transformers: the old end token id 2 stands for "take the largest id"
    const auto end = value<std::int64_t>(text, "eos_token_id").value_or(49407);
    if (end != 2) config.end_token = end;
}

void read_preprocessor(ModelConfig& config, const Json& root) {
    config.mean = value<std::array<double, 3>>(root, "image_mean");
    config.deviation = value<std::array<double, 3>>(root, "image_std");
    if (const auto filter = value<int>(root, "resample")) config.interpolation = *filter == 2 ? "bilinear" : "bicubic";
    const Json size = part(root, "size");
    if (size.contains("height")) config.resize_mode = "squash";
}

bool is_weight_file(const fs::path& path) {
    const std::string end = path.extension().string();
    return end == ".safetensors" || end == ".pt" || end == ".pth" || end == ".bin";
}

fs::path weights_in(const fs::path& folder) {
    for (const char* name : {"open_clip_model.safetensors", "open_clip_pytorch_model.safetensors", "model.safetensors",
                             "model.safetensors.index.json", "open_clip_pytorch_model.bin", "pytorch_model.bin"}) {
        if (fs::exists(folder / name)) return folder / name;
    }
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (is_weight_file(entry.path())) found.push_back(entry.path());
    }
    if (found.empty()) {
        throw InputError(folder.string() +
                         ": no weights in this folder; it should hold open_clip_model.safetensors, model.safetensors, "
                         "open_clip_pytorch_model.bin or pytorch_model.bin");
    }
    if (found.size() > 1) throw InputError(folder.string() + ": several weight files; name the one that is meant");
    return found.front();
}

}  // namespace

void take_hints(ModelConfig& config, const ModelHints& hints) {
    if (hints.quick_gelu) {
        const Activation activation = *hints.quick_gelu ? Activation::quick_gelu : Activation::gelu;
        config.vision_activation = config.vision_activation.value_or(activation);
        config.text_activation = config.text_activation.value_or(activation);
    }
    if (!config.vision_head_width && !config.vision_heads) config.vision_head_width = hints.vision_head_width;
    if (hints.half_statistics && !config.mean && !config.deviation) config.mean = config.deviation = {.5, .5, .5};
    if (hints.squash) config.resize_mode = config.resize_mode.value_or("squash");
}

ModelFiles find_weights(const fs::path& path) {
    std::error_code ignored;
    if (!fs::exists(path, ignored)) throw InputError(path.string() + ": there is no such file or folder");
    if (fs::is_directory(path)) return {weights_in(path), path};
    return {path, path.parent_path()};
}

ModelConfig read_model_config(const fs::path& folder, bool huggingface) {
    ModelConfig config;
    const fs::path file = folder / (huggingface ? "config.json" : "open_clip_config.json");
    if (!fs::exists(file)) return config;
    config.file = file.string();
    try {
        const Json root = read_json(file);
        if (!root.is_object()) throw InputError(config.file + ": must be a JSON object");
        if (!huggingface) {
            read_open_clip(config, root);
            return config;
        }
        read_transformers(config, root);
        const fs::path preprocessor = folder / "preprocessor_config.json";
        if (fs::exists(preprocessor)) read_preprocessor(config, read_json(preprocessor));
    } catch (const Json::exception& error) {
        throw InputError(config.file + ": a value has the wrong type: " + error.what());
    }
    return config;
}

}  // namespace clipig
