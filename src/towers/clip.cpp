#include "towers/clip.h"

#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "models/tensor_file.h"
#include "models/tokenizer.h"
#include "towers/model_config.h"
#include "towers/weight_table.h"

namespace clipig {
namespace {

/// The type that weights and activations have on the device.
at::ScalarType plain_type(const ModelOptions& options) {
    const std::string& wanted = options.precision;
    if (wanted == "fp32" || (wanted == "auto" && options.device.is_cpu())) return at::kFloat;
    if (wanted == "bf16") return at::kBFloat16;
    if (wanted == "fp16" || wanted == "auto") {
        if (options.device.is_cpu()) throw InputError("precision: fp16 does not exist on a CPU; use auto, fp32 or bf16");
        return at::kHalf;
    }
    throw InputError("precision: `" + wanted + "` is none of auto, fp32, bf16, fp16");
}

const char* type_name(at::ScalarType type) {
    return type == at::kHalf ? "float16" : type == at::kBFloat16 ? "bfloat16" : "float32";
}

Tensor channel_values(const std::array<double, 3>& values, const at::Device& device) {
    return at::tensor({values[0], values[1], values[2]}, at::kFloat).view({1, 3, 1, 1}).to(device);
}

}  // namespace

Clip::Clip(const std::filesystem::path& file, const std::filesystem::path& folder, std::string name, const ModelOptions& options)
    : file_(file), folder_(folder), name_(std::move(name)), device_(options.device) {
    WeightTable table(open_tensors(file), file.string());
    const ModelConfig config = read_model_config(folder, table.layout() == KeyLayout::huggingface);
    net_ = infer_architecture(table, config, name_);
    const Placement placement{options.device, plain_type(options)};
    precision_ = type_name(placement.type);
    mean_ = channel_values(net_.mean, device_);
    deviation_ = channel_values(net_.deviation, device_);
    const TextWeights text = take_text(table, net_);
    // one of the two stays empty; both are taken before finish() so that every complaint is in one message
    VitWeights vit;
    ResNetWeights resnet;
    if (net_.vit) {
        vit = take_vit(table, net_);
    } else {
        resnet = take_resnet(table, net_);
    }
    table.finish();
    // the text tower runs once per prompt: full precision costs nothing there
    text_ = std::make_unique<TextTower>(text, Placement{options.device, options.device.is_cpu() ? at::kFloat : placement.type});
    image_ = net_.vit ? make_plain_vit(vit, placement) : make_plain_resnet(resnet, placement);
}

Clip::~Clip() = default;

Tensor Clip::normalised(const Tensor& views) const {
    const auto side = net_.view_size;
    if (views.dim() != 4 || views.size(1) != 3 || views.size(2) != side || views.size(3) != side) {
        throw Error("model " + name_ + ": views must have the shape [N,3," + std::to_string(side) + "," + std::to_string(side) + "]");
    }
    return (views - mean_) / deviation_;
}

Tensor Clip::encode_image(const Tensor& views) const { return image_->forward(normalised(views)); }

Tensor Clip::encode_text(const std::vector<std::string>& prompts, bool truncate) const {
    Tensor ids = at::zeros({static_cast<std::int64_t>(prompts.size()), net_.context}, at::kLong);
    for (std::size_t i = 0; i < prompts.size(); ++i) {
        std::vector<std::int64_t> row = tokenizer().encode_padded(prompts[i], net_.context, truncate);
        ids[static_cast<std::int64_t>(i)].copy_(at::from_blob(row.data(), {net_.context}, at::kLong));
    }
    return encode_tokens(ids);
}

const Tokenizer& Clip::tokenizer() const {
    std::call_once(tokenizer_once_, [this] { tokenizer_ = tokenizer_for(folder_, net_.vocabulary); });
    return *tokenizer_;
}

const std::string& Clip::hash() const {
    std::call_once(hash_once_, [this] { hash_ = sha256_file(file_); });
    return hash_;
}

std::string Clip::describe() const {
    const auto millions = (image_->parameters() + text_->parameters() + 500'000) / 1'000'000;
    return net_.common_name() + ", " + std::to_string(net_.view_size) + " px, " + std::to_string(millions) + " M parameters, " + precision_ + " on " +
           device_.str();
}

std::shared_ptr<ClipModel> load_clip(const std::filesystem::path& path, const std::string& name, const ModelOptions& options) {
    const ModelFiles files = find_weights(path);
    return std::make_shared<Clip>(files.weights, files.folder, name, options);
}

}  // namespace clipig
