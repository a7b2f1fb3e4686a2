// The archives of torch.save and of TorchScript: a zip with TOP/data.pkl (names and shapes), TOP/data/KEY (raw storages), TOP/version.
// TorchScript code (TOP/code/) is never looked at.
#include <charconv>
#include <map>
#include <optional>

#include "models/torch_tree.h"
#include "models/tensor_table.h"
#include "models/zip_archive.h"

namespace clipig {
namespace {

constexpr std::uint64_t kLargestPickle = 64ULL << 20;
constexpr std::uint64_t kLargestRecord = 64;          // of the small text records
constexpr std::uint64_t kMostUnpacked = 16ULL << 30;  // of all deflated storages
constexpr std::uint64_t kMostRepeated = 1ULL << 28;   // elements of a view that uses elements of its storage more than once
constexpr int kNewestVersion = 10;                    // kMaxSupportedFileFormatVersion of torch 1.13 and 2.x

std::string_view text_of(const ZipData& data) { return {reinterpret_cast<const char*>(data.bytes.data()), data.bytes.size()}; }

std::string_view without_line_end(std::string_view text) {
    while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
    return text;
}

/// `TOP/` of the only entry `TOP/data.pkl`.
std::string find_top(const ZipArchive& archive, const std::string& name) {
    std::optional<std::string> top;
    for (const auto& entry : archive.entries()) {
        const auto slash = entry.name.find('/');
        if (slash == std::string::npos || std::string_view(entry.name).substr(slash) != "/data.pkl") continue;
        if (top) refuse(name, "it is a zip archive with more than one data.pkl");
        top = entry.name.substr(0, slash + 1);
    }
    if (!top) refuse(name, "it is a zip archive, but not one of PyTorch: it has no data.pkl");
    return *top;
}

void check_version(const ZipArchive& archive, const std::string& top, const std::string& name) {
    const auto* entry = archive.find(top + "version");
    if (entry == nullptr) refuse(name, "its record 'version' is missing");
    const auto data = archive.read(*entry, kLargestRecord);
    const auto text = without_line_end(text_of(data));
    int version = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
    if (error != std::errc{} || end != text.data() + text.size())
        refuse(name, "its record 'version' is '" + shown(text) + "', which is no number");
    if (version < 1 || version > kNewestVersion) {
        refuse(name, "it has the file format version " + std::to_string(version) + ", and only 1 to " + std::to_string(kNewestVersion) +
                         " are known");
    }
}

void check_byte_order(const ZipArchive& archive, const std::string& top, const std::string& name) {
    const auto* entry = archive.find(top + "byteorder");
    if (entry == nullptr) return;  // files before torch 2.1: always little
    const auto data = archive.read(*entry, kLargestRecord);
    const auto text = without_line_end(text_of(data));
    if (text == "big") refuse(name, "it was saved on a big-endian machine; save it again on an ordinary one");
    if (text != "little") refuse(name, "its record 'byteorder' is '" + shown(text) + "', neither 'little' nor 'big'");
}

/// Storages by key, each read and checked once.
class Storages {
public:
    Storages(const ZipArchive& archive, std::string top, const std::string& name) : archive_(archive), top_(std::move(top)), name_(name) {}

    std::span<const std::byte> bytes(const PickleStorage& wanted) {
        const std::string which = "its storage '" + shown(wanted.key) + "'";
        if (wanted.element_bytes == 0) refuse(name_, which + " does not say what type its elements have");
        auto found = read_.find(wanted.key);
        if (found == read_.end()) found = read_.emplace(wanted.key, read(wanted.key, which)).first;
        if (found->second.type != wanted.type || found->second.element_bytes != wanted.element_bytes) {
            if (found->second.element_bytes != 0) refuse(name_, which + " is used with two element types");
            found->second.type = wanted.type;
            found->second.element_bytes = wanted.element_bytes;
        }
        const auto size = checked_product(wanted.elements, wanted.element_bytes);
        if (!size || *size > found->second.data.bytes.size()) {
            refuse(name_, which + " should have " + std::to_string(wanted.elements) + " elements of " +
                              std::to_string(wanted.element_bytes) + " bytes, but its record has only " +
                              std::to_string(found->second.data.bytes.size()) + " bytes");
        }
        return found->second.data.bytes;
    }

    std::vector<std::shared_ptr<const void>> owners() const {
        std::vector<std::shared_ptr<const void>> list;
        for (const auto& [key, storage] : read_) {
            if (storage.data.owner != nullptr) list.push_back(storage.data.owner);
        }
        return list;
    }

private:
    struct Storage {
        ZipData data;
        DataType type = DataType::other;
        std::size_t element_bytes = 0;
    };

    Storage read(const std::string& key, const std::string& which) {
        const auto* entry = archive_.find(top_ + "data/" + key);
        if (entry == nullptr) refuse(name_, which + " is not in the archive");
        if (entry->deflated) {
            if (entry->size > kMostUnpacked - unpacked_) refuse(name_, "its deflated storages unpack to more than 16 GiB");
            unpacked_ += entry->size;
        }
        return {archive_.read(*entry, entry->size)};
    }

    const ZipArchive& archive_;
    std::string top_;
    const std::string& name_;
    std::map<std::string, Storage> read_;
    std::uint64_t unpacked_ = 0;
};

/// Elements that a view reaches, from its first to its last one; nothing when that cannot be counted.
std::optional<std::uint64_t> reach_of(const PickleTensor& tensor) {
    std::uint64_t last = 0;
    for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
        if (tensor.shape[i] == 0) return 0;
        const auto step = checked_product(static_cast<std::uint64_t>(tensor.shape[i] - 1), static_cast<std::uint64_t>(tensor.strides[i]));
        if (!step || __builtin_add_overflow(last, *step, &last)) return std::nullopt;
    }
    if (__builtin_add_overflow(last, std::uint64_t{1}, &last)) return std::nullopt;
    return last;
}

/// A view checked against its storage: every element inside, and not absurdly many of them.
TensorInfo tensor_of(const std::string& tensor_name, const PickleTensor& tensor, const PickleStorage& storage,
                     std::span<const std::byte> bytes, const std::string& name) {
    const std::string which = "the tensor '" + shown(tensor_name) + "' of shape " + shape_text(tensor.shape);
    const std::uint64_t available = bytes.size() / storage.element_bytes;
    std::optional<std::uint64_t> elements = 1;
    for (const auto size : tensor.shape) {
        if (elements) elements = checked_product(*elements, static_cast<std::uint64_t>(size));
    }
    const auto reach = reach_of(tensor);
    std::uint64_t end = 0;
    if (!elements || !row_major_strides(tensor.shape) || !reach || __builtin_add_overflow(tensor.offset, *reach, &end)) {
        refuse(name, which + " is too large to count");
    }
    if (end > available) {
        refuse(name, which + " reaches to element " + std::to_string(end) + " of its storage '" + shown(storage.key) + "', which has " +
                         std::to_string(available));
    }
    if (*elements > available && *elements > kMostRepeated) refuse(name, which + " repeats the elements of its storage absurdly often");
    TensorInfo info;
    info.name = tensor_name;
    info.type = storage.type;
    info.shape = tensor.shape;
    info.strides = tensor.strides;
    info.data = bytes.subspan(tensor.offset * storage.element_bytes);
    return info;
}

}  // namespace

TensorTable read_torch_zip(std::span<const std::byte> content, const std::string& name) {
    const ZipArchive archive(content, name);
    const std::string top = find_top(archive, name);
    check_version(archive, top, name);
    check_byte_order(archive, top, name);
    const auto data = archive.read(*archive.find(top + "data.pkl"), kLargestPickle);
    const auto pickle = read_pickle(data.bytes, name);
    auto tree = collect_tensors(pickle, name);
    TensorTable table;
    table.format = tree.torchscript ? "torchscript" : "torch zip";
    table.metadata = std::move(tree.metadata);
    Storages storages(archive, top, name);
    for (const auto& [tensor_name, index] : tree.tensors) {
        const auto& tensor = pickle.tensors[index];
        const auto& storage = pickle.storages[tensor.storage];
        table.tensors.push_back(tensor_of(tensor_name, tensor, storage, storages.bytes(storage), name));
    }
    table.owned = storages.owners();
    return table;
}

}  // namespace clipig
