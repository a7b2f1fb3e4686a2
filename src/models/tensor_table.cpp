#include "models/tensor_table.h"

#include <algorithm>

#include "base/error.h"

namespace clipig {
namespace {

/// Bytes of the code point at the start of `text`, 0 when it is not valid UTF-8 (Unicode 15, table 3-7).
std::size_t code_point_bytes(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return 0;
    }
    const unsigned char second = byte(1);
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)) return 0;
    if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return 0;
    return length;
}

class LoadedTensorFile final : public TensorFile {
public:
    LoadedTensorFile(TensorTable table, std::shared_ptr<const void> source) : source_(std::move(source)), owned_(std::move(table.owned)) {
        tensors_ = std::move(table.tensors);
        metadata_ = std::move(table.metadata);
        format_ = std::move(table.format);
    }

private:
    std::shared_ptr<const void> source_;
    std::vector<std::shared_ptr<const void>> owned_;
};

}  // namespace

void refuse(const std::string& name, const std::string& reason) { throw InputError("cannot use '" + name + "': " + reason); }

std::string shown(std::string_view text) {
    constexpr std::size_t longest = 120;
    constexpr std::string_view digits = "0123456789abcdef";
    std::string result;
    while (!text.empty()) {
        if (result.size() >= longest) return result + "...";
        const std::size_t bytes = code_point_bytes(text);
        const auto first = static_cast<unsigned char>(text[0]);
        if (bytes == 0 || first < 0x20 || first == 0x7F) {
            result += "\\x";
            result += digits[first >> 4];
            result += digits[first & 15];
            text.remove_prefix(1);
        } else {
            result += text.substr(0, bytes);
            text.remove_prefix(bytes);
        }
    }
    return result;
}

bool valid_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t bytes = code_point_bytes(text);
        if (bytes == 0) return false;
        text.remove_prefix(bytes);
    }
    return true;
}

std::optional<std::uint64_t> checked_product(std::uint64_t a, std::uint64_t b) {
    std::uint64_t product = 0;
    if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
    return product;
}

std::optional<std::vector<std::int64_t>> row_major_strides(const std::vector<std::int64_t>& shape) {
    std::vector<std::int64_t> strides(shape.size(), 1);
    std::int64_t step = 1;
    for (std::size_t i = shape.size(); i-- > 0;) {
        strides[i] = step;
        // a dimension of zero or one element does not move the next one's stride to zero: as torch does
        if (__builtin_mul_overflow(step, std::max<std::int64_t>(shape[i], 1), &step)) return std::nullopt;
    }
    return strides;
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i) text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
    return text + "]";
}

std::unique_ptr<TensorFile> make_tensor_file(TensorTable table, std::shared_ptr<const void> source, const std::string& name) {
    std::sort(table.tensors.begin(), table.tensors.end(), [](const TensorInfo& a, const TensorInfo& b) { return a.name < b.name; });
    for (std::size_t i = 1; i < table.tensors.size(); ++i) {
        if (table.tensors[i].name == table.tensors[i - 1].name) {
            refuse(name, "it holds two tensors with the name '" + shown(table.tensors[i].name) + "'");
        }
    }
    return std::make_unique<LoadedTensorFile>(std::move(table), std::move(source));
}

}  // namespace clipig
