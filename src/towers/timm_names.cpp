#include "towers/timm_names.h"

#include <array>
#include <string_view>
#include <utility>

namespace clipig {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

constexpr std::string_view kTrunk = "visual.trunk.";
constexpr std::string_view kBlocks = "blocks.";

/// `to` and the rest of the name when it starts with a `from`; empty else.
template <std::size_t N>
std::string replaced(std::string_view name, const std::array<Pair, N>& table) {
    for (const auto& [from, to] : table) {
        if (name.substr(0, from.size()) == from) return std::string(to).append(name.substr(from.size()));
    }
    return {};
}

std::string block_name(std::string_view rest) {
    static constexpr std::array<Pair, 8> kParts{{{"norm1.", "ln_1."},
                                                 {"norm2.", "ln_2."},
                                                 {"attn.qkv.", "attn.in_proj_"},
                                                 {"attn.proj.", "attn.out_proj."},
                                                 {"mlp.fc1.", "mlp.c_fc."},
                                                 {"mlp.fc2.", "mlp.c_proj."},
                                                 {"ls1.", "ls_1."},
                                                 {"ls2.", "ls_2."}}};
    const std::size_t dot = rest.find('.');
    if (dot == std::string_view::npos) return {};
    const std::string inner = replaced(rest.substr(dot + 1), kParts);
    return inner.empty() ? inner : std::string("visual.transformer.resblocks.").append(rest.substr(0, dot + 1)).append(inner);
}

std::string outer_name(std::string_view rest) {
    static constexpr std::array<Pair, 10> kNames{{{"patch_embed.proj.", "visual.conv1."},
                                                  {"pos_embed", "visual.positional_embedding"},
                                                  {"norm.", "visual.ln_post."},
                                                  {"attn_pool.latent", "visual.attn_pool.latent"},
                                                  {"attn_pool.q.", "visual.attn_pool.in_proj_"},
                                                  {"attn_pool.kv.", "visual.attn_pool.in_proj_"},
                                                  {"attn_pool.proj.", "visual.attn_pool.out_proj."},
                                                  {"attn_pool.norm.", "visual.attn_pool.ln."},
                                                  {"attn_pool.mlp.fc1.", "visual.attn_pool.mlp.c_fc."},
                                                  {"attn_pool.mlp.fc2.", "visual.attn_pool.mlp.c_proj."}}};
    return replaced(rest, kNames);
}

}  // namespace

TimmName timm_name(const std::string& name) {
    const std::string_view whole = name;
    if (whole.substr(0, kTrunk.size()) != kTrunk) return {name};
    const std::string_view rest = whole.substr(kTrunk.size());
    const bool block = rest.substr(0, kBlocks.size()) == kBlocks;
    std::string mapped = block ? block_name(rest.substr(kBlocks.size())) : outer_name(rest);
    if (mapped.empty()) return {name};  // reported as unexpected
    return {std::move(mapped), rest.substr(0, 13) == "attn_pool.kv." ? std::size_t{1} : std::size_t{0}};
}

}  // namespace clipig
