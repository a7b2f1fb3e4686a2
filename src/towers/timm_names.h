// timm's names of a ViT's tensors.
#pragma once

#include <cstddef>
#include <string>

namespace clipig {

struct TimmName {
    std::string name;      ///< OpenAI's name where there is one, `visual.attn_pool.*` for the attention pool
    std::size_t part = 0;  ///< of the tensors that are joined under this name
};

/// `visual.trunk.blocks.0.norm1.weight` -> `visual.transformer.resblocks.0.ln_1.weight`. A name that is none of timm's stays as it is.
[[nodiscard]] TimmName timm_name(const std::string& name);

}  // namespace clipig
