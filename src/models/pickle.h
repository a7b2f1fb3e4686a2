// A machine for the small part of Python's pickle format that tensors need. It builds a tree of values; nothing is imported or called.
// Opcodes: pickletools.py of CPython 3.11. Allowed are those that torch.save and TorchScript write (protocol 2); every other one,
// and every global but those below, is refused by name:
//   collections.OrderedDict, torch._utils._rebuild_tensor_v2, torch._utils._rebuild_parameter, torch.*Storage,
//   __torch__.* (TorchScript classes)
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/tensor_file.h"

namespace clipig {

/// Index of a value in Pickle::values. Containers hold indices, so that a pickle that contains itself is harmless.
using PickleId = std::uint32_t;

enum class PickleKind { none, boolean, integer, real, text, tuple, list, dict, global, object, storage, tensor };

struct PickleValue {
    PickleKind kind = PickleKind::none;
    std::int64_t integer = 0;  ///< boolean, integer; index in Pickle::storages or Pickle::tensors
    double real = 0;
    std::string_view text;        ///< text; global: its module, an object: its class. Points into the pickle
    std::string_view name{};      ///< global: the name within the module
    std::vector<PickleId> items;  ///< tuple, list; dict: key, value, key, value ..; object: the dict of its attributes, or nothing
};

struct PickleStorage {
    std::string key;  ///< the record `data/KEY`
    DataType type = DataType::other;
    std::size_t element_bytes = 0;  ///< 0 when the pickle does not say
    std::uint64_t elements = 0;
};

struct PickleTensor {
    std::size_t storage = 0;   ///< index in Pickle::storages
    std::uint64_t offset = 0;  ///< in elements
    std::vector<std::int64_t> shape;
    std::vector<std::int64_t> strides;
};

struct Pickle {
    std::vector<PickleValue> values;
    std::vector<PickleStorage> storages;
    std::vector<PickleTensor> tensors;
    PickleId root = 0;
};

/// Runs the pickle. Throws InputError with a sentence for each kind of refusal; `name` is the file's. `bytes` must outlive the result.
[[nodiscard]] Pickle read_pickle(std::span<const std::byte> bytes, const std::string& name);

}  // namespace clipig
