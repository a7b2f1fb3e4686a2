#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "models/tensor_table.h"

namespace clipig {
namespace {

constexpr std::size_t kLargestHeader = 100'000'000;  // what readers accept

const char* format_name(DataType type) {
    switch (type) {
        case DataType::f64: return "F64";
        case DataType::f32: return "F32";
        case DataType::f16: return "F16";
        case DataType::bf16: return "BF16";
        case DataType::i64: return "I64";
        case DataType::i32: return "I32";
        case DataType::i16: return "I16";
        case DataType::i8: return "I8";
        case DataType::u8: return "U8";
        case DataType::boolean: return "BOOL";
        case DataType::other: break;
    }
    return nullptr;
}

std::string quoted(const std::string& text) { return nlohmann::json(text).dump(); }

void check(const TensorToWrite& tensor, const std::string& name) {
    const auto fail = [&](const std::string& why) {
        throw Error("cannot write '" + name + "': the tensor '" + shown(tensor.name) + "' " + why);
    };
    if (tensor.name == "__metadata__") fail("has a name that the format keeps for itself");
    if (!valid_utf8(tensor.name)) fail("has a name that is not valid UTF-8");
    if (format_name(tensor.type) == nullptr) fail("has an element type that cannot be written");
    std::optional<std::uint64_t> bytes = size_of(tensor.type);
    for (const auto size : tensor.shape) {
        if (size < 0) fail("has a negative dimension");
        if (bytes) bytes = checked_product(*bytes, static_cast<std::uint64_t>(size));
    }
    if (!bytes || *bytes != tensor.data.size())
        fail("has " + std::to_string(tensor.data.size()) + " bytes, which do not fit its shape " + shape_text(tensor.shape));
}

/// `{"__metadata__":{..},"NAME":{"dtype":"F32","shape":[..],"data_offsets":[b,e]},..}` padded to a multiple of eight.
std::string header_text(const std::vector<const TensorToWrite*>& tensors, const std::map<std::string, std::string>& metadata) {
    std::string text = "{";
    if (!metadata.empty()) text += "\"__metadata__\":" + nlohmann::json(metadata).dump();
    std::uint64_t position = 0;
    for (const auto* tensor : tensors) {
        if (text.size() > 1) text += ',';
        text += quoted(tensor->name) + ":{\"dtype\":\"" + format_name(tensor->type) + "\",\"shape\":[";
        for (std::size_t i = 0; i < tensor->shape.size(); ++i) text += (i == 0 ? "" : ",") + std::to_string(tensor->shape[i]);
        text += "],\"data_offsets\":[" + std::to_string(position) + ",";
        position += tensor->data.size();
        text += std::to_string(position) + "]}";
    }
    text += '}';
    text.append((8 - text.size() % 8) % 8, ' ');
    return text;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, const std::vector<TensorToWrite>& tensors,
                       const std::map<std::string, std::string>& metadata) {
    std::vector<const TensorToWrite*> sorted;
    for (const auto& tensor : tensors) {
        check(tensor, path.string());
        sorted.push_back(&tensor);
    }
    // the widest elements first: every tensor is then aligned to its element
    std::sort(sorted.begin(), sorted.end(), [](const TensorToWrite* a, const TensorToWrite* b) {
        return size_of(a->type) != size_of(b->type) ? size_of(a->type) > size_of(b->type) : a->name < b->name;
    });
    std::vector<std::string> names;
    for (const auto& tensor : tensors) names.push_back(tensor.name);
    std::sort(names.begin(), names.end());
    const auto twice = std::adjacent_find(names.begin(), names.end());
    if (twice != names.end()) throw Error("cannot write '" + path.string() + "': two tensors have the name '" + shown(*twice) + "'");
    std::size_t metadata_size = 0;
    for (const auto& [key, value] : metadata) {
        metadata_size += key.size() + value.size();
        if (!valid_utf8(key) || !valid_utf8(value))
            throw Error("cannot write '" + path.string() + "': the metadata '" + shown(key) + "' is not valid UTF-8");
    }
    const std::string header = metadata_size > kLargestHeader ? "" : header_text(sorted, metadata);
    if (metadata_size > kLargestHeader || header.size() > kLargestHeader) {
        throw Error("cannot write '" + path.string() + "': its header would be over 100000000 bytes, which no reader accepts");
    }
    std::string length(8, '\0');
    for (std::size_t i = 0; i < 8; ++i) length[i] = static_cast<char>(header.size() >> (8 * i) & 0xFF);
    std::vector<std::string_view> pieces = {length, header};
    for (const auto* tensor : sorted) pieces.emplace_back(reinterpret_cast<const char*>(tensor->data.data()), tensor->data.size());
    write_file_atomic(path, pieces);
}

}  // namespace clipig
