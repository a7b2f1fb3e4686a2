// For tests: temporary folders, refusals as text, bytes of numbers.
#pragma once

#include <stdlib.h>

#include <bit>
#include <cstring>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/test_folder.h"
#include "models/tensor_file.h"

namespace clipig::test {

inline std::span<const std::byte> bytes_of(std::string_view text) { return {reinterpret_cast<const std::byte*>(text.data()), text.size()}; }

inline std::string little_endian(std::uint64_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xFF);
    return text;
}

/// What open_tensors says against the content, without `cannot use 'x': `; `no error` when it takes it.
inline std::string refusal(std::string_view content) {
    try {
        (void)open_tensors(bytes_of(content), "x");
    } catch (const InputError& error) {
        const std::string text = error.what();
        const std::string prefix = "cannot use 'x': ";
        return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
    }
    return "no error";
}

/// Element `index` of a tensor of T.
template <class T>
T element(const TensorInfo& tensor, std::size_t index) {
    T value{};
    std::memcpy(&value, tensor.data.data() + index * sizeof(T), sizeof(T));
    return value;
}

}  // namespace clipig::test
