// Networks with random weights, of any size: for tests and benchmarks, which need no real ones.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "models/tensor_file.h"
#include "ops/tensor.h"
#include "towers/architecture.h"

namespace clipig {

struct NamedTensor {
    std::string name;  ///< OpenAI's key
    Tensor tensor;     ///< float32 on the CPU
};

/// Every tensor of a network of this architecture, drawn with the scales of OpenAI's initialisation, so that activations stay of
/// order one. The same seed gives the same bytes.
[[nodiscard]] std::vector<NamedTensor> random_weights(const Architecture& net, std::uint64_t seed);

/// Write them as safetensors in OpenAI's key layout.
void write_random_model(const std::filesystem::path& path, const Architecture& net, std::uint64_t seed);

/// The same as an open file in memory.
[[nodiscard]] std::unique_ptr<TensorFile> random_tensor_file(const Architecture& net, std::uint64_t seed);

/// The architecture of one of OpenAI's nine models (`ViT-B/32`, `RN50`, ...). Throws InputError for another name.
[[nodiscard]] Architecture openai_architecture(const std::string& name);

/// A ViT of any size with a small text tower; heads are width / 64, or one.
[[nodiscard]] Architecture vit_architecture(std::int64_t width, std::int64_t layers, std::int64_t patch, std::int64_t view_size,
                                            std::int64_t embedding);
/// SigLIP's ViT of any size, as infer_siglip() describes it, with a small text tower; heads as above.
[[nodiscard]] Architecture siglip_architecture(std::int64_t width, std::int64_t layers, std::int64_t patch, std::int64_t view_size);
/// A ModifiedResNet of any size with a small text tower.
[[nodiscard]] Architecture resnet_architecture(const std::array<std::int64_t, 4>& stages, std::int64_t width, std::int64_t view_size,
                                               std::int64_t embedding);

}  // namespace clipig
