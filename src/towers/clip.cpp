#include "towers/clip.h"

#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "models/known_hash.h"
#include "models/tensor_file.h"
#include "models/tokenizer.h"
#include "towers/fast_tower.h"
#include "towers/model_config.h"
#include "towers/processor.h"
#include "towers/weight_table.h"

namespace clipig {
namespace {

/// The type that weights and activations have on the device, `auto` aside.
at::ScalarType wanted_type(const ModelOptions& options) {
    const std::string& wanted = options.precision;
    const bool cpu = options.device.is_cpu();
    if (wanted == "fp32" || (wanted == "auto" && cpu)) return at::kFloat;
    if (wanted == "bf16") return at::kBFloat16;
    if (wanted == "fp16" || wanted == "auto") {
        if (cpu) throw InputError("precision: fp16 does not exist on a CPU; use auto, fp32 or bf16");
        return at::kHalf;
    }
    throw InputError("precision: `" + wanted + "` is none of auto, fp32, bf16, fp16");
}

const char* type_name(at::ScalarType type) { return type == at::kHalf ? "float16" : type == at::kBFloat16 ? "bfloat16" : "float32"; }

Tensor channel_values(const std::array<double, 3>& values, const at::Device& device) {
    return at::tensor({values[0], values[1], values[2]}, at::kFloat).view({1, 3, 1, 1}).to(device);
}

/// [T,context] int64
Tensor tensor_of(const std::vector<std::vector<std::int64_t>>& rows, std::int64_t context) {
    Tensor ids = at::zeros({static_cast<std::int64_t>(rows.size()), context}, at::kLong);
    for (std::size_t i = 0; i < rows.size(); ++i)
        std::copy(rows[i].begin(), rows[i].end(), ids[static_cast<std::int64_t>(i)].data_ptr<std::int64_t>());
    return ids;
}

/// Views with no structure, the same for every model: for comparing two towers.
Tensor sample_views(std::int64_t side) {
    Tensor views = at::empty({2, 3, side, side});
    fill_normal({.seed = 1}, views.data_ptr<float>(), static_cast<std::size_t>(views.numel()));
    return views;
}

/// Do the features of two towers agree well enough to use the faster one unasked? bfloat16 keeps 8 bits (0.4 %), which a dozen
/// layers of random errors turn into about one per cent of the features' length; three are allowed.
bool features_agree(const ImageTower& fast, const ImageTower& exact, std::int64_t side) {
    constexpr double kTolerance = 0.03;
    const at::NoGradGuard no_gradient;
    const Tensor views = sample_views(side), truth = exact.forward(views);
    const Tensor error = (fast.forward(views) - truth).norm(2, 1) / truth.norm(2, 1);
    return error.max().item<double>() <= kTolerance;
}

}  // namespace

/// The image tower for these options; `precision_` becomes what it computes in.
template <class Weights>
std::unique_ptr<ImageTower> Clip::choose_tower(const Weights& weights, const ModelOptions& options) {
    const at::ScalarType type = wanted_type(options);
    precision_ = type_name(type);
    const auto plain = [&](at::ScalarType in) { return make_plain_tower(weights, {options.device, in}); };
    kind_ = {false, at::elementSize(type)};
    if (options.plain || !options.device.is_cpu()) return plain(type);
    const auto exact = plain(at::kFloat);
    const auto fast = [&](NumberType in) {
        kind_ = {true, in == NumberType::bf16 ? sizeof(std::uint16_t) : sizeof(float)};
        return make_fast_tower(make_fast_network(weights, in), exact->parameters());
    };
    const bool automatic = options.precision == "auto";
    if (type == at::kBFloat16 && !processor_has_bf16()) {
        throw InputError("precision: bf16 needs a processor with AVX512-BF16 or AMX; use auto or fp32");
    }
    if (type == at::kBFloat16) return fast(NumberType::bf16);
    if (automatic && processor_has_bf16()) {
        auto half = fast(NumberType::bf16);
        if (features_agree(*half, *exact, net_.view_size)) {
            precision_ = type_name(at::kBFloat16);
            return half;
        }
    }
    return fast(NumberType::f32);
}

Architecture read_architecture(const WeightTable& table, const std::filesystem::path& folder, const std::string& name,
                               const ModelHints& hints) {
    ModelConfig config = read_model_config(folder, table.layout() == KeyLayout::huggingface);
    if (!table.has("visual.attn_pool.latent")) take_hints(config, hints);  // SigLIP's sizes say all
    return infer_architecture(table, config, name);
}

Clip::Clip(const std::filesystem::path& file, const std::filesystem::path& folder, std::string name, const ModelOptions& options)
    : file_(file), folder_(folder), name_(std::move(name)), device_(options.device) {
    WeightTable table(open_tensors(file), file.string());
    net_ = read_architecture(table, folder, name_, options.hints);
    mean_ = channel_values(net_.mean, device_);
    deviation_ = channel_values(net_.deviation, device_);
    take_towers(table, options);
}

/// All weights are taken before finish(), so that every complaint is in one message.
void Clip::take_towers(WeightTable& table, const ModelOptions& options) {
    const TextWeights text = take_text(table, net_);
    if (net_.attention_pooled) {
        const SiglipWeights siglip = take_siglip(table, net_);
        table.finish();
        image_ = choose_tower(siglip, options);
    } else if (net_.vit) {
        const VitWeights vit = take_vit(table, net_);
        table.finish();
        image_ = choose_tower(vit, options);
    } else {
        const ResNetWeights resnet = take_resnet(table, net_);
        table.finish();
        image_ = choose_tower(resnet, options);
    }
    // the text tower runs once per prompt: full precision costs nothing there
    text_ = std::make_unique<TextTower>(text, Placement{options.device, options.device.is_cpu() ? at::kFloat : wanted_type(options)});
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
    std::vector<std::vector<std::int64_t>> rows;
    for (const std::string& prompt : prompts) rows.push_back(tokenizer().encode_padded(prompt, net_.context, truncate));
    return encode_tokens(tensor_of(rows, net_.context));
}

Tensor Clip::encode_long_text(const std::string& prompt) const {
    return encode_tokens(tensor_of(tokenizer().encode_pieces(prompt, net_.context), net_.context));
}

PicturePreparation Clip::preparation() const {
    if (net_.resize_mode == "longest") {
        throw InputError("model " + name_ +
                         ": its pictures are scaled to their longest side (`resize_mode: longest`), which is not supported");
    }
    return {net_.resize_mode == "squash" ? ResizeMode::squash : ResizeMode::shortest,
            net_.interpolation == "bilinear" ? Filter::bilinear : Filter::bicubic};
}

const Tokenizer& Clip::tokenizer() const {
    std::call_once(tokenizer_once_, [this] { tokenizer_ = tokenizer_for(folder_, net_.vocabulary); });
    return *tokenizer_;
}

const std::string& Clip::hash() const {
    std::call_once(hash_once_, [this] { hash_ = known_sha256(file_); });
    return hash_;
}

std::string Clip::describe() const {
    const auto millions = (image_->parameters() + text_->parameters() + 500'000) / 1'000'000;
    return net_.common_name() + ", " + std::to_string(net_.view_size) + " px, " + std::to_string(millions) + " M parameters, " +
           precision_ + " on " + device_.str();
}

std::shared_ptr<ClipModel> load_clip(const std::filesystem::path& path, const std::string& name, const ModelOptions& options) {
    const ModelFiles files = find_weights(path);
    return std::make_shared<Clip>(files.weights, files.folder, name, options);
}

ModelNeed model_need(const std::filesystem::path& path, const std::string& name, const ModelOptions& options) {
    const ModelFiles files = find_weights(path);
    const WeightTable table(open_tensors(files.weights), files.weights.string());
    const Architecture net = read_architecture(table, files.folder, name, options.hints);
    const bool fast = options.device.is_cpu() && !options.plain;
    const bool half = fast && options.precision == "auto" && processor_has_bf16();
    const ComputeKind kind{fast, half ? sizeof(std::uint16_t) : at::elementSize(wanted_type(options))};
    return {net.common_name(), net.view_size, weight_bytes(net, kind), working_bytes(net, kind, 1)};
}

}  // namespace clipig
