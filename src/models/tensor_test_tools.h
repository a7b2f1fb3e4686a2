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
#include "models/tensor_file.h"

namespace clipig::test {

/// A folder that goes when the test ends.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "clipig_test_XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

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
