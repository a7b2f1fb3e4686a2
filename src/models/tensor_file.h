// Weight files of every format as one list of named tensors that point into mapped memory. No torch here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace clipig {

enum class DataType { f64, f32, f16, bf16, i64, i32, i16, i8, u8, boolean, other };

[[nodiscard]] std::size_t size_of(DataType type);  ///< bytes per element; 0 for other
[[nodiscard]] const char* name_of(DataType type);  ///< `float32`, `float16`, ... as torch prints them

/// One tensor of a file. The data stay valid as long as the TensorFile lives.
struct TensorInfo {
    std::string name;
    DataType type = DataType::f32;
    std::vector<std::int64_t> shape;
    std::vector<std::int64_t> strides;  ///< in elements; checked against the storage
    std::span<const std::byte> data;    ///< from the first element (offset applied) to the end of its storage
    [[nodiscard]] std::int64_t elements() const;
    [[nodiscard]] bool contiguous() const;
};

/// A weight file, or several shards of one model.
class TensorFile {
public:
    virtual ~TensorFile() = default;
    [[nodiscard]] const std::vector<TensorInfo>& tensors() const { return tensors_; }
    [[nodiscard]] const TensorInfo* find(std::string_view name) const;
    [[nodiscard]] const std::map<std::string, std::string>& metadata() const { return metadata_; }
    [[nodiscard]] const std::string& format() const { return format_; }  ///< `safetensors`, `torch zip`, `torchscript`

protected:
    std::vector<TensorInfo> tensors_;  ///< sorted by name
    std::map<std::string, std::string> metadata_;
    std::string format_;
};

/// Open by content, not by name: safetensors (strict), torch zip (restricted pickle), TorchScript archives (attributes only,
/// nothing is executed), `*.safetensors.index.json` with its shards. Throws InputError naming file and reason.
[[nodiscard]] std::unique_ptr<TensorFile> open_tensors(const std::filesystem::path& path);

/// The same for content that is already in memory (no index files); `content` must outlive the result, `name` is for messages.
[[nodiscard]] std::unique_ptr<TensorFile> open_tensors(std::span<const std::byte> content, const std::string& name);

/// A tensor to write: row-major, contiguous.
struct TensorToWrite {
    std::string name;
    DataType type = DataType::f32;
    std::vector<std::int64_t> shape;
    std::span<const std::byte> data;
};
/// Write safetensors atomically (temporary name, fsync, rename): sorted, header padded to 8 bytes. Throws Error.
void write_safetensors(const std::filesystem::path& path, const std::vector<TensorToWrite>& tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace clipig
