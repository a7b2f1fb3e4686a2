#include "models/tensor_file.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/error.h"
#include "models/mapped_file.h"
#include "models/tensor_table.h"

namespace clipig {
namespace {

namespace fs = std::filesystem;

bool begins_with(std::span<const std::byte> content, std::string_view text, std::size_t at = 0) {
    return content.size() >= at + text.size() && std::memcmp(content.data() + at, text.data(), text.size()) == 0;
}

/// LONG1 of 0x1950a86a20f9469cfc6c: what torch.save wrote first before it wrote zip archives (torch 1.5 and older).
constexpr std::string_view kLegacyMagic = "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";

/// Formats that people have at hand by mistake, each with its sentence.
void refuse_strangers(std::span<const std::byte> content, const std::string& name) {
    if (begins_with(content, kLegacyMagic, 2)) {
        refuse(name,
               "it is in the format of torch 1.5 and older, which is no zip archive. Convert it with a Python that has torch: "
               "python -c \"import torch; torch.save(torch.load('x.pt'), 'y.pt')\"");
    }
    if (begins_with(content, "version https://git-lfs")) {
        refuse(name, "it is a Git LFS pointer, not the weights themselves; fetch them with: git lfs pull");
    }
    if (begins_with(content, "<!DOCTYPE") || begins_with(content, "<!doctype") || begins_with(content, "<html")) {
        refuse(name, "it is a web page, not a weight file; the download went wrong");
    }
    if (begins_with(content, "GGUF")) refuse(name, "it is a GGUF file; use safetensors or a PyTorch file");
    if (begins_with(content, "\x89HDF")) refuse(name, "it is an HDF5 file; use safetensors or a PyTorch file");
    if (begins_with(content, "\x1f\x8b")) refuse(name, "it is compressed with gzip; unpack it first");
    if (begins_with(content, "\x80\x02") || begins_with(content, "\x80\x03") || begins_with(content, "\x80\x04") ||
        begins_with(content, "\x80\x05")) {
        // a safetensors header of that length would not begin so: its eight bytes are a small number
        if (content.size() < 8 || content[7] != std::byte{0}) refuse(name, "it is a bare pickle; save the weights with torch.save");
    }
}

TensorTable read_content(std::span<const std::byte> content, const std::string& name) {
    if (begins_with(content, "PK\x03\x04") || begins_with(content, "PK\x05\x06")) return read_torch_zip(content, name);
    refuse_strangers(content, name);
    return read_safetensors(content, name);
}

/// Does the file hold JSON text (an index), not a safetensors header length?
bool looks_like_json(std::span<const std::byte> content) {
    for (std::size_t i = 0; i < std::min<std::size_t>(content.size(), 64); ++i) {
        const auto byte = static_cast<char>(content[i]);
        if (byte == '{') return i + 1 >= content.size() || content[i + 1] != std::byte{0};
        if (byte != ' ' && byte != '\n' && byte != '\r' && byte != '\t') return false;
    }
    return false;
}

}  // namespace

std::size_t size_of(DataType type) {
    switch (type) {
        case DataType::f64:
        case DataType::i64: return 8;
        case DataType::f32:
        case DataType::i32: return 4;
        case DataType::f16:
        case DataType::bf16:
        case DataType::i16: return 2;
        case DataType::i8:
        case DataType::u8:
        case DataType::boolean: return 1;
        case DataType::other: break;
    }
    return 0;
}

const char* name_of(DataType type) {
    constexpr std::array names = {"float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool", "other"};
    return names[static_cast<std::size_t>(type)];
}

std::int64_t TensorInfo::elements() const {
    std::int64_t count = 1;
    for (const auto size : shape) count *= size;
    return count;
}

bool TensorInfo::contiguous() const {
    if (elements() == 0) return true;
    std::int64_t step = 1;
    for (std::size_t i = shape.size(); i-- > 0;) {
        if (shape[i] != 1 && strides[i] != step) return false;
        step *= shape[i];
    }
    return true;
}

const TensorInfo* TensorFile::find(std::string_view name) const {
    const auto found = std::lower_bound(tensors_.begin(), tensors_.end(), name,
                                        [](const TensorInfo& tensor, std::string_view wanted) { return tensor.name < wanted; });
    return found != tensors_.end() && found->name == name ? &*found : nullptr;
}

std::unique_ptr<TensorFile> open_tensors(std::span<const std::byte> content, const std::string& name) {
    return make_tensor_file(read_content(content, name), nullptr, name);
}

std::unique_ptr<TensorFile> open_tensors(const fs::path& path) {
    auto file = std::make_shared<const MappedFile>(path);
    const std::string name = path.string();
    if (looks_like_json(file->bytes())) return make_tensor_file(read_shards(path), nullptr, name);
    auto table = read_content(file->bytes(), name);
    return make_tensor_file(std::move(table), std::move(file), name);
}

}  // namespace clipig
