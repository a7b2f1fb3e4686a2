// What the readers of the single formats have in common: parsed tables, refusals, size arithmetic that cannot overflow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/tensor_file.h"

namespace clipig {

/// What a reader found in a file. The tensors point into the file's bytes or into memory that `owned` keeps.
struct TensorTable {
    std::string format;
    std::vector<TensorInfo> tensors;
    std::map<std::string, std::string> metadata;
    std::vector<std::shared_ptr<const void>> owned;
};

/// Throws InputError `cannot use 'NAME': REASON`.
[[noreturn]] void refuse(const std::string& name, const std::string& reason);

/// Text of a file for a message: control characters and broken UTF-8 escaped, at most 120 bytes.
[[nodiscard]] std::string shown(std::string_view text);

/// Is this UTF-8 without surrogates and overlong forms?
[[nodiscard]] bool valid_utf8(std::string_view text);

/// a * b, or nothing when it does not fit.
[[nodiscard]] std::optional<std::uint64_t> checked_product(std::uint64_t a, std::uint64_t b);

/// Strides of a row-major tensor; nothing when a product does not fit in 63 bits.
[[nodiscard]] std::optional<std::vector<std::int64_t>> row_major_strides(const std::vector<std::int64_t>& shape);

/// `[2, 3]`
[[nodiscard]] std::string shape_text(const std::vector<std::int64_t>& shape);

/// safetensors, by the rules of its format. `name` is for messages.
[[nodiscard]] TensorTable read_safetensors(std::span<const std::byte> content, const std::string& name);

/// The zip archives of torch.save and of TorchScript.
[[nodiscard]] TensorTable read_torch_zip(std::span<const std::byte> content, const std::string& name);

/// `*.safetensors.index.json`: opens every shard that it names.
[[nodiscard]] TensorTable read_shards(const std::filesystem::path& index);

/// A TensorFile from a table; `source` is what the tensors point into. Throws InputError on a name that comes twice.
[[nodiscard]] std::unique_ptr<TensorFile> make_tensor_file(TensorTable table, std::shared_ptr<const void> source, const std::string& name);

}  // namespace clipig
