#include "towers/weight_table.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "towers/timm_names.h"

namespace clipig {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

bool starts_with(std::string_view text, std::string_view start) { return text.substr(0, start.size()) == start; }
bool ends_with(std::string_view text, std::string_view end) {
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

/// Buffers and bookkeeping that some savers write, and the scale of the training loss: the towers need none of them.
bool ignorable(std::string_view name) {
    static constexpr std::array<std::string_view, 6> kWhole{"input_resolution", "context_length", "vocab_size",
                                                            "logit_scale",      "logit_bias",     "attn_mask"};
    return std::find(kWhole.begin(), kWhole.end(), name) != kWhole.end() || ends_with(name, "num_batches_tracked") ||
           ends_with(name, "position_ids") || ends_with(name, ".attn_mask");
}

/// Prefixes that training wrappers put before every key.
std::string_view without_wrappers(std::string_view name) {
    for (bool again = true; again;) {
        again = false;
        for (const std::string_view prefix : {"module.", "_orig_mod.", "state_dict."}) {
            if (starts_with(name, prefix)) {
                name.remove_prefix(prefix.size());
                again = true;
            }
        }
    }
    return name;
}

at::ScalarType scalar_type(const TensorInfo& info) {
    switch (info.type) {
        case DataType::f64: return at::kDouble;
        case DataType::f32: return at::kFloat;
        case DataType::f16: return at::kHalf;
        case DataType::bf16: return at::kBFloat16;
        case DataType::i64: return at::kLong;
        case DataType::i32: return at::kInt;
        case DataType::i16: return at::kShort;
        case DataType::i8: return at::kChar;
        case DataType::u8: return at::kByte;
        case DataType::boolean: return at::kBool;
        case DataType::other: break;
    }
    throw InputError("tensor `" + info.name + "` has a number type that weights cannot have");
}

/// transformers' name of a tensor outside of the layers -> OpenAI's; empty when unknown.
std::string huggingface_outer(std::string_view name) {
    static constexpr std::array<Pair, 13> kNames{{
        {"logit_scale", "logit_scale"},
        {"text_projection.weight", "text_projection"},
        {"visual_projection.weight", "visual.proj"},
        {"text_model.embeddings.token_embedding.weight", "token_embedding.weight"},
        {"text_model.embeddings.position_embedding.weight", "positional_embedding"},
        {"vision_model.embeddings.class_embedding", "visual.class_embedding"},
        {"vision_model.embeddings.patch_embedding.weight", "visual.conv1.weight"},
        {"vision_model.embeddings.position_embedding.weight", "visual.positional_embedding"},
        {"logit_bias", "logit_bias"},
        {"vision_model.embeddings.patch_embedding.bias", "visual.conv1.bias"},  // from here on only SiglipModel
        {"vision_model.head.probe", "visual.attn_pool.latent"},
        {"vision_model.head.attention.in_proj_weight", "visual.attn_pool.in_proj_weight"},
        {"vision_model.head.attention.in_proj_bias", "visual.attn_pool.in_proj_bias"},
    }};
    for (const auto& [from, to] : kNames) {
        if (name == from) return std::string(to);
    }
    static constexpr std::array<Pair, 8> kModules{{{"text_model.final_layer_norm.", "ln_final."},
                                                   {"text_model.head.", "text_projection."},
                                                   {"vision_model.head.attention.out_proj.", "visual.attn_pool.out_proj."},
                                                   {"vision_model.head.layernorm.", "visual.attn_pool.ln."},
                                                   {"vision_model.head.mlp.fc1.", "visual.attn_pool.mlp.c_fc."},
                                                   {"vision_model.head.mlp.fc2.", "visual.attn_pool.mlp.c_proj."},
                                                   {"vision_model.pre_layrnorm.", "visual.ln_pre."},
                                                   {"vision_model.post_layernorm.", "visual.ln_post."}}};
    for (const auto& [from, to] : kModules) {
        if (starts_with(name, from)) return std::string(to) + std::string(name.substr(from.size()));
    }
    return {};
}

/// The part of a layer's name after its number.
std::string huggingface_inner(std::string_view name) {
    static constexpr std::array<Pair, 8> kParts{{{"layer_norm1.", "ln_1."},
                                                 {"layer_norm2.", "ln_2."},
                                                 {"self_attn.q_proj.", "attn.in_proj_"},
                                                 {"self_attn.k_proj.", "attn.in_proj_"},
                                                 {"self_attn.v_proj.", "attn.in_proj_"},
                                                 {"self_attn.out_proj.", "attn.out_proj."},
                                                 {"mlp.fc1.", "mlp.c_fc."},
                                                 {"mlp.fc2.", "mlp.c_proj."}}};
    for (const auto& [from, to] : kParts) {
        if (starts_with(name, from)) return std::string(to) + std::string(name.substr(from.size()));
    }
    return {};
}

std::string huggingface_layer(std::string_view name) {
    static constexpr std::array<Pair, 2> kTowers{
        {{"vision_model.encoder.layers.", "visual.transformer.resblocks."}, {"text_model.encoder.layers.", "transformer.resblocks."}}};
    for (const auto& [from, to] : kTowers) {
        if (!starts_with(name, from)) continue;
        const std::string_view rest = name.substr(from.size());
        const std::size_t dot = rest.find('.');
        if (dot == std::string_view::npos) return {};
        const std::string inner = huggingface_inner(rest.substr(dot + 1));
        return inner.empty() ? inner : std::string(to) + std::string(rest.substr(0, dot + 1)) + inner;
    }
    return {};
}

std::string joined(const std::vector<std::string>& lines, std::size_t limit) {
    std::string text;
    for (std::size_t i = 0; i < std::min(lines.size(), limit); ++i) text += "\n  " + lines[i];
    if (lines.size() > limit) text += "\n  and " + std::to_string(lines.size() - limit) + " more";
    return text;
}

}  // namespace

std::string show_shape(const Shape& shape) {
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
    return text + "]";
}

Tensor to_float(const TensorInfo& info) {
    const auto options = at::TensorOptions().dtype(scalar_type(info));
    // from_blob takes a mutable pointer but the view is only read, and copied before this returns
    auto* data = const_cast<std::byte*>(info.data.data());
    const std::size_t size = size_of(info.type);
    if (info.elements() == 0) return at::zeros(info.shape);
    if (size != 0 && reinterpret_cast<std::uintptr_t>(data) % size != 0) {  // safetensors promises no alignment
        if (!info.contiguous()) throw InputError("tensor `" + info.name + "` is neither aligned nor contiguous");
        Tensor copy = at::empty(info.shape, options);
        std::copy_n(info.data.begin(), static_cast<std::size_t>(info.elements()) * size, static_cast<std::byte*>(copy.data_ptr()));
        return copy.to(at::kFloat).contiguous();
    }
    const Tensor view = at::from_blob(data, info.shape, info.strides, options);
    return view.to(at::kFloat, /*non_blocking=*/false, /*copy=*/true, at::MemoryFormat::Contiguous);
}

WeightTable::WeightTable(std::unique_ptr<TensorFile> file, std::string where) : file_(std::move(file)), where_(std::move(where)) {
    bool timm = false, siglip = false;
    for (const TensorInfo& info : file_->tensors()) {
        const std::string_view name = without_wrappers(info.name);
        if (starts_with(name, "vision_model.") || starts_with(name, "text_model.")) layout_ = KeyLayout::huggingface;
        timm = timm || starts_with(name, "visual.trunk.");
        siglip = siglip || name == "visual.trunk.attn_pool.latent";
        if (name == "logit_scale" || name == "logit_bias") scalars_[std::string(name)] = &info;
    }
    if (timm && !siglip) {
        throw InputError(where_ +
                         ": the image tower is one of timm's (EVA, ConvNeXt or the like), which is not supported; use a CLIP with a ViT "
                         "or a ResNet of OpenAI's kind, or a SigLIP");
    }
    for (const TensorInfo& info : file_->tensors()) {
        const std::string name(without_wrappers(info.name));
        if (layout_ == KeyLayout::huggingface) {
            add_huggingface(info, name);
        } else {
            const TimmName mapped = timm_name(name);
            add(info, starts_with(mapped.name, "text.") ? mapped.name.substr(5) : mapped.name, mapped.part);
        }
    }
}

void WeightTable::add(const TensorInfo& info, const std::string& name, std::size_t part) {
    if (ignorable(name)) return;
    Entry& entry = entries_[name];
    if (entry.parts.size() <= part) entry.parts.resize(part + 1, nullptr);
    if (entry.parts[part] != nullptr) throw InputError(where_ + ": two tensors mean `" + name + "`, one of them `" + info.name + "`");
    entry.parts[part] = &info;
    entry.flat = name == "visual.positional_embedding" || name == "visual.attn_pool.latent";
}

void WeightTable::add_huggingface(const TensorInfo& info, const std::string& name) {
    if (ignorable(name)) return;
    std::string canonical = huggingface_outer(name);
    if (canonical.empty()) canonical = huggingface_layer(name);
    if (canonical.empty()) canonical = name;  // reported as unexpected by finish()
    Entry& entry = entries_[canonical];
    entry.transposed = canonical == "text_projection" || canonical == "visual.proj";
    entry.flat = canonical == "visual.attn_pool.latent";
    std::size_t part = 0;
    if (name.find(".self_attn.k_proj.") != std::string::npos) part = 1;
    if (name.find(".self_attn.v_proj.") != std::string::npos) part = 2;
    const bool one_of_three = name.find(".self_attn.") != std::string::npos && canonical.find(".attn.in_proj_") != std::string::npos;
    entry.parts.resize(one_of_three ? 3 : 1, nullptr);
    entry.parts.at(part) = &info;
}

Shape WeightTable::shape_of(const Entry& entry) const {
    for (const TensorInfo* part : entry.parts) {
        if (part == nullptr) return {};
    }
    Shape shape = entry.parts.front()->shape;
    for (std::size_t i = 1; i < entry.parts.size(); ++i) {
        Shape other = entry.parts[i]->shape;
        if (other.empty() || other.size() != shape.size() || !std::equal(other.begin() + 1, other.end(), shape.begin() + 1)) return {};
        shape[0] += other[0];
    }
    while (entry.flat && shape.size() > 2 && shape.front() == 1) shape.erase(shape.begin());
    if (entry.transposed) std::reverse(shape.begin(), shape.end());
    return shape;
}

Shape WeightTable::shape(const std::string& name) const {
    const auto found = entries_.find(name);
    if (found == entries_.end()) throw InputError(where_ + ": no CLIP that is known here: there is no tensor `" + name + "`");
    return shape_of(found->second);
}

std::vector<std::string> WeightTable::names() const {
    std::vector<std::string> names;
    for (const auto& [name, entry] : entries_) names.push_back(name);
    return names;
}

Tensor WeightTable::take(const std::string& name, const Shape& expected) {
    taken_.insert(name);
    const auto found = entries_.find(name);
    if (found == entries_.end()) {
        problems_.push_back("`" + name + "` " + show_shape(expected) + " is missing");
        return at::zeros(expected);
    }
    const Shape shape = shape_of(found->second);
    if (shape != expected) {
        problems_.push_back("`" + name + "` has shape " + show_shape(shape) + " where " + show_shape(expected) + " is needed");
        return at::zeros(expected);
    }
    std::vector<Tensor> parts;
    for (const TensorInfo* part : found->second.parts) parts.push_back(to_float(*part));
    Tensor tensor = parts.size() == 1 ? parts.front() : at::cat(parts);
    if (found->second.flat) tensor = tensor.view(expected);
    return found->second.transposed ? tensor.t().contiguous() : tensor;
}

std::optional<double> WeightTable::scalar(const std::string& name) const {
    const auto found = scalars_.find(name);
    if (found == scalars_.end() || found->second->elements() != 1) return std::nullopt;
    return to_float(*found->second).item<double>();
}

void WeightTable::finish() const {
    std::vector<std::string> problems = problems_;
    for (const auto& [name, entry] : entries_) {
        if (taken_.count(name) == 0) problems.push_back("`" + name + "` " + show_shape(shape_of(entry)) + " has no place in this network");
    }
    if (problems.empty()) return;
    constexpr std::size_t kShown = 8;
    throw InputError(where_ + ": these tensors do not fit a CLIP:" + joined(problems, kShown));
}

}  // namespace clipig
