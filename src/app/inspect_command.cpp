// clipig models inspect: what lies in the files of a model, and which network they make.
#include <fmt/format.h>

#include <cstdio>
#include <set>

#include "app/engine_commands.h"
#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "models/catalogue.h"
#include "models/tensor_file.h"
#include "towers/clip.h"
#include "towers/model_config.h"
#include "towers/weight_table.h"

namespace clipig {
namespace {

std::string shape_text(const std::vector<std::int64_t>& shape) {
    std::vector<std::string> sizes;
    for (const std::int64_t size : shape) sizes.push_back(std::to_string(size));
    return fmt::format("[{}]", join(sizes, ","));
}

const char* activation_name(Activation activation) {
    return activation == Activation::quick_gelu ? "QuickGELU" : activation == Activation::gelu ? "GELU" : "GELU (tanh)";
}

std::string transformer_text(const TransformerShape& shape) {
    return fmt::format("{} layers of width {}, {} heads, feed-forward {}, {}", shape.layers, shape.width, shape.heads, shape.hidden,
                       activation_name(shape.activation));
}

std::string image_text(const Architecture& net) {
    if (net.vit) {
        return fmt::format("ViT{}, patches of {} px, {}", net.attention_pooled ? " with attention pooling" : "", net.patch,
                           transformer_text(net.vision));
    }
    return fmt::format("ModifiedResNet, {}-{}-{}-{} bottlenecks, stem {}, {} pooling heads", net.stages[0], net.stages[1], net.stages[2],
                       net.stages[3], net.stem_width, net.pool_heads);
}

/// For files that are no CLIP the reason stands in place of the network.
void print_architecture(const std::filesystem::path& path) {
    try {
        const ModelFiles files = find_weights(path);
        const WeightTable table(open_tensors(files.weights), files.weights.string());
        const Architecture net = read_architecture(table, files.folder, path.filename().string(), {});
        fmt::print("architecture {}: views of {} px, embedding {}\n", net.common_name(), net.view_size, net.embedding);
        fmt::print("  image tower  {}\n", image_text(net));
        fmt::print("  text tower   {}; context {}, vocabulary {}\n", transformer_text(net.text), net.context, net.vocabulary);
        fmt::print("  pictures     {}, {}, mean {:.4g}, deviation {:.4g}\n", net.resize_mode, net.interpolation, fmt::join(net.mean, " "),
                   fmt::join(net.deviation, " "));
    } catch (const InputError& error) {
        fmt::print("architecture unknown: {}\n", error.what());
    }
}

bool holds_weights(const std::filesystem::path& path) {
    static const std::set<std::string> endings{".safetensors", ".pt", ".pth", ".bin", ".ckpt"};
    return endings.contains(path.extension().string());
}

void print_file(const std::filesystem::path& path) {
    const auto file = open_tensors(path);
    std::int64_t numbers = 0;
    for (const TensorInfo& tensor : file->tensors()) numbers += tensor.elements();
    fmt::print("{}\nformat {}, {} tensors, {} numbers, sha256 {}\n", path.string(), file->format(), file->tensors().size(), numbers,
               sha256_file(path));
    for (const auto& [key, value] : file->metadata()) fmt::print("metadata {}: {}\n", key, value);
    for (const TensorInfo& tensor : file->tensors())
        fmt::print("{:<64} {:<9} {}\n", tensor.name, name_of(tensor.type), shape_text(tensor.shape));
}

}  // namespace

int inspect_command(const ModelsOptions& options) {
    if (options.name.empty()) throw InputError("clipig models inspect needs the name of a model");
    std::filesystem::path path = expand_home(options.name);
    if (!std::filesystem::exists(path)) path = find_model(options.name, false).path;
    print_architecture(path);
    const bool folder = std::filesystem::is_directory(path);
    for (const FileCheck& check : verify_model(path.string())) {
        if (!folder || holds_weights(check.path)) print_file(check.path);
    }
    return 0;
}

}  // namespace clipig
