// From the tree of a pickle to named tensors.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "models/pickle.h"

namespace clipig {

struct TorchTree {
    bool torchscript = false;
    std::vector<std::pair<std::string, std::size_t>> tensors;  ///< name, index in Pickle::tensors
    std::map<std::string, std::string> metadata;               ///< numbers and texts beside the tensors
};

/// A TorchScript module gives its parameters and buffers with dotted names. A dict gives its tensors; when one of `state_dict`,
/// `model_state_dict`, `model` in it holds tensors, that one is taken. `_orig_mod.` (torch.compile) and a leading `module.` (data parallel)
/// leave the names. Throws InputError when there are no tensors, when a name comes twice, or when modules nest too deeply.
[[nodiscard]] TorchTree collect_tensors(const Pickle& pickle, const std::string& name);

}  // namespace clipig
