// Bytes that begin with PK are a whole archive; all others are the data.pkl of an archive with a version record and three storages.
// Build with FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION so that checksums are not compared.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/error.h"
#include "models/tensor_file.h"

namespace {

void append_number(std::string& text, std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xFF);
}

/// An archive of stored entries.
class Archive {
public:
    void add(std::string_view name, std::string_view data) {
        const std::size_t begin = text_.size();
        append_number(text_, 0x04034b50, 4);
        fields(text_, name, data);
        text_ += name;
        text_ += data;
        append_number(table_, 0x02014b50, 4);
        append_number(table_, 20, 2);
        fields(table_, name, data);
        append_number(table_, 0, 8);  // comment, disk, attributes: ten bytes in all
        append_number(table_, 0, 2);
        append_number(table_, begin, 4);
        table_ += name;
        ++count_;
    }
    std::string finish() const {
        std::string whole = text_ + table_;
        append_number(whole, 0x06054b50, 4);
        append_number(whole, 0, 4);
        append_number(whole, count_, 2);
        append_number(whole, count_, 2);
        append_number(whole, table_.size(), 4);
        append_number(whole, text_.size(), 4);
        append_number(whole, 0, 2);
        return whole;
    }

private:
    static void fields(std::string& out, std::string_view name, std::string_view data) {
        append_number(out, 20, 2);  // version
        append_number(out, 0, 4);   // flags, method
        append_number(out, 0, 8);   // time, date, checksum
        append_number(out, data.size(), 4);
        append_number(out, data.size(), 4);
        append_number(out, name.size(), 2);
        append_number(out, 0, 2);
    }
    std::string text_;
    std::string table_;
    std::uint64_t count_ = 0;
};

std::string wrapped(std::string_view pickle) {
    Archive archive;
    archive.add("x/data.pkl", pickle);
    archive.add("x/version", "3\n");
    for (const char* name : {"x/data/0", "x/data/1", "x/data/2"}) archive.add(name, std::string(64, '\1'));
    return archive.finish();
}

/// The first and the last element of a tensor must lie inside of its data.
unsigned touch(const clipig::TensorInfo& tensor) {
    if (tensor.shape.size() != tensor.strides.size() || tensor.elements() < 0) std::abort();
    unsigned sum = tensor.contiguous() ? 1 : 0;
    const std::size_t width = clipig::size_of(tensor.type);
    if (tensor.elements() == 0 || width == 0) return sum;
    std::size_t last = 0;
    for (std::size_t i = 0; i < tensor.shape.size(); ++i) last += static_cast<std::size_t>((tensor.shape[i] - 1) * tensor.strides[i]);
    if ((last + 1) * width > tensor.data.size()) std::abort();
    for (std::size_t i = 0; i < width; ++i)
        sum += std::to_integer<unsigned>(tensor.data[i]) + std::to_integer<unsigned>(tensor.data[last * width + i]);
    return sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string content(reinterpret_cast<const char*>(data), size);
    if (!content.starts_with("PK")) content = wrapped(content);
    try {
        const auto file = clipig::open_tensors(std::span(reinterpret_cast<const std::byte*>(content.data()), content.size()), "fuzz");
        volatile unsigned sum = 0;
        for (const auto& tensor : file->tensors()) sum = sum + touch(tensor);
    } catch (const clipig::InputError&) {
    }
    return 0;
}
