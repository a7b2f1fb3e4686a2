// safetensors: eight bytes N, a JSON header of N bytes, the data. The rules and their order are those of the reference reader
// (https://github.com/huggingface/safetensors, README.md and safetensors/src/tensor.rs), plus two that its README asks for:
// no name twice, no unknown field.
#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "base/error.h"
#include "models/tensor_table.h"

namespace clipig {
namespace {

constexpr std::uint64_t kLargestHeader = 100'000'000;
constexpr std::size_t kMostDimensions = 64;  // as many as torch can have

struct Format {
    std::string_view name;
    std::uint64_t bits;
    DataType type;
};
constexpr Format kFormats[] = {
    {"BOOL", 8, DataType::boolean},      {"U8", 8, DataType::u8},         {"I8", 8, DataType::i8},
    {"I16", 16, DataType::i16},          {"F16", 16, DataType::f16},      {"BF16", 16, DataType::bf16},
    {"I32", 32, DataType::i32},          {"F32", 32, DataType::f32},      {"I64", 64, DataType::i64},
    {"F64", 64, DataType::f64},          {"U16", 16, DataType::other},    {"U32", 32, DataType::other},
    {"U64", 64, DataType::other},        {"C64", 64, DataType::other},    {"F4", 4, DataType::other},
    {"F6_E2M3", 6, DataType::other},     {"F6_E3M2", 6, DataType::other}, {"F8_E5M2", 8, DataType::other},
    {"F8_E4M3", 8, DataType::other},     {"F8_E8M0", 8, DataType::other}, {"F8_E4M3FNUZ", 8, DataType::other},
    {"F8_E5M2FNUZ", 8, DataType::other},
};

struct Entry {
    std::string name;
    const Format* format = nullptr;
    std::vector<std::uint64_t> shape;
    std::vector<std::uint64_t> offsets;
    bool has_shape = false;
    bool has_offsets = false;
};

/// Receives the header's JSON event by event:
/// {"NAME": {"dtype": "F32", "shape": [..], "data_offsets": [begin, end]}, "__metadata__": {..}}.
class HeaderReader final : public nlohmann::json_sax<nlohmann::json> {
public:
    std::vector<Entry> entries;
    std::map<std::string, std::string> metadata;
    std::string reason;  ///< why reading stopped

    bool null() override { return unexpected("null"); }
    bool boolean(bool) override { return unexpected("true or false"); }
    bool number_integer(number_integer_t value) override { return unexpected("the number " + std::to_string(value)); }
    bool number_float(number_float_t, const string_t& text) override { return unexpected("the number " + shown(text)); }
    bool binary(binary_t&) override { return unexpected("binary data"); }

    bool number_unsigned(number_unsigned_t value) override {
        if (state_ != State::shape && state_ != State::offsets) return unexpected("the number " + std::to_string(value));
        auto& list = state_ == State::shape ? entries.back().shape : entries.back().offsets;
        if (state_ == State::shape && list.size() == kMostDimensions) return fail("has more than 64 dimensions");
        if (state_ == State::offsets && list.size() == 2) return fail("has data_offsets that are not two numbers");
        list.push_back(value);
        return true;
    }

    bool string(string_t& text) override {
        if (state_ == State::metadata) {
            metadata[key_] = text;
            return true;
        }
        if (state_ != State::entry || key_ != "dtype") return unexpected("the text '" + shown(text) + "'");
        const auto* found =
            std::find_if(std::begin(kFormats), std::end(kFormats), [&](const Format& format) { return format.name == text; });
        if (found == std::end(kFormats)) return fail("has the unknown dtype '" + shown(text) + "'");
        entries.back().format = found;
        return true;
    }

    bool key(string_t& text) override {
        key_ = text;
        if (state_ == State::top) return first_time(names_, text, "the header");
        return first_time(fields_, text, state_ == State::metadata ? "__metadata__" : "the entry of '" + shown(entries.back().name) + "'");
    }

    bool start_object(std::size_t) override {
        if (state_ == State::start) {
            state_ = State::top;
            return true;
        }
        if (state_ != State::top) return unexpected("an object");
        fields_.clear();
        state_ = key_ == "__metadata__" ? State::metadata : State::entry;
        if (state_ == State::entry) entries.emplace_back().name = key_;
        return true;
    }

    bool end_object() override {
        if (state_ == State::entry && !entry_complete()) return false;
        state_ = state_ == State::top ? State::start : State::top;
        return true;
    }

    bool start_array(std::size_t) override {
        if (state_ != State::entry || (key_ != "shape" && key_ != "data_offsets")) return unexpected("a list");
        state_ = key_ == "shape" ? State::shape : State::offsets;
        (key_ == "shape" ? entries.back().has_shape : entries.back().has_offsets) = true;
        return true;
    }

    bool end_array() override {
        state_ = State::entry;
        return true;
    }

    bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
        reason = "its header is not valid JSON, at byte " + std::to_string(position);
        return false;
    }

private:
    enum class State { start, top, metadata, entry, shape, offsets };

    bool first_time(std::unordered_set<std::string>& seen, const std::string& text, const std::string& where) {
        if (seen.insert(text).second) return true;
        reason = "the name '" + shown(text) + "' comes twice in " + where;
        return false;
    }

    bool fail(const std::string& what) {
        reason = "the tensor '" + shown(entries.back().name) + "' " + what;
        return false;
    }

    bool unexpected(const std::string& what) {
        if (state_ == State::start)
            reason = "its header is " + what + ", not an object";
        else if (state_ == State::top)
            reason = "the header's entry '" + shown(key_) + "' is " + what + ", not an object";
        else if (state_ == State::metadata)
            reason = "the value of '" + shown(key_) + "' in __metadata__ is " + what + ", not a text";
        else if (state_ == State::entry && key_ != "dtype" && key_ != "shape" && key_ != "data_offsets")
            return fail("has the unknown field '" + shown(key_) + "'");
        else
            return fail("has " + what + " in '" + shown(key_) + "'" + (key_ == "dtype" ? "" : ", where only whole numbers from 0 may be"));
        return false;
    }

    bool entry_complete() {
        const auto& entry = entries.back();
        if (entry.format == nullptr) return fail("has no dtype");
        if (!entry.has_shape) return fail("has no shape");
        if (!entry.has_offsets) return fail("has no data_offsets");
        if (entry.offsets.size() != 2) return fail("has data_offsets that are not two numbers");
        return true;
    }

    State state_ = State::start;
    std::string key_;
    std::unordered_set<std::string> names_;
    std::unordered_set<std::string> fields_;
};

std::uint64_t header_size(std::span<const std::byte> content, const std::string& name) {
    if (content.size() < 8) {
        refuse(name, "it is no weight file: it has " + std::to_string(content.size()) +
                         " bytes, and even an empty safetensors file has 8 and more");
    }
    std::uint64_t size = 0;
    for (int i = 7; i >= 0; --i) size = size << 8 | std::to_integer<std::uint64_t>(content[static_cast<std::size_t>(i)]);
    if (size > kLargestHeader) {
        refuse(name, "it is neither safetensors nor a PyTorch zip archive: as safetensors its header would have " + std::to_string(size) +
                         " bytes, and 100000000 are the most");
    }
    if (size > content.size() - 8) {
        refuse(name, "it is cut off: its header has " + std::to_string(size) + " bytes, but only " + std::to_string(content.size() - 8) +
                         " follow");
    }
    return size;
}

std::string range_text(const Entry& entry) {
    return "bytes " + std::to_string(entry.offsets[0]) + " to " + std::to_string(entry.offsets[1]);
}

/// Bytes that dtype and shape ask for.
std::uint64_t bytes_of(const Entry& entry, const std::string& name) {
    std::uint64_t product = 1;
    bool fits = true;
    for (const auto size : entry.shape) {
        fits = fits && size <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) &&
               !__builtin_mul_overflow(product, size, &product);
    }
    fits = fits && !__builtin_mul_overflow(product, entry.format->bits, &product);
    if (!fits) refuse(name, "the shape of the tensor '" + shown(entry.name) + "' is too large to count");
    if (product % 8 != 0) refuse(name, "the tensor '" + shown(entry.name) + "' does not fill whole bytes");
    return product / 8;
}

TensorInfo tensor_of(const Entry& entry, std::span<const std::byte> data, const std::string& name) {
    TensorInfo tensor;
    tensor.name = entry.name;
    tensor.type = entry.format->type;
    for (const auto size : entry.shape) tensor.shape.push_back(static_cast<std::int64_t>(size));
    auto strides = row_major_strides(tensor.shape);
    if (!strides) refuse(name, "the shape of the tensor '" + shown(entry.name) + "' is too large to count");
    tensor.strides = std::move(*strides);
    tensor.data = data.subspan(entry.offsets[0], entry.offsets[1] - entry.offsets[0]);
    return tensor;
}

/// Every entry checked in the order of the data: no hole, no overlap, the right size, and nothing left over.
void check_layout(std::vector<Entry>& entries, std::uint64_t available, const std::string& name) {
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.offsets < b.offsets; });
    std::uint64_t position = 0;
    for (const auto& entry : entries) {
        if (entry.offsets[0] != position || entry.offsets[1] < entry.offsets[0]) {
            refuse(name, "the tensor '" + shown(entry.name) + "' lies at " + range_text(entry) + ", but should begin at byte " +
                             std::to_string(position) + ": tensors may neither overlap nor leave holes");
        }
        const std::uint64_t wanted = bytes_of(entry, name);
        if (wanted != entry.offsets[1] - entry.offsets[0]) {
            refuse(name, "the tensor '" + shown(entry.name) + "' lies at " + range_text(entry) + ", but its dtype and shape ask for " +
                             std::to_string(wanted) + " bytes");
        }
        position = entry.offsets[1];
    }
    if (position > available) {
        refuse(name, "it is cut off: its tensors have " + std::to_string(position) + " bytes, but only " + std::to_string(available) +
                         " are there");
    }
    if (position < available) refuse(name, std::to_string(available - position) + " bytes follow after its last tensor");
}

}  // namespace

TensorTable read_safetensors(std::span<const std::byte> content, const std::string& name) {
    const std::uint64_t size = header_size(content, name);
    const std::string_view header(reinterpret_cast<const char*>(content.data()) + 8, size);
    if (!valid_utf8(header)) refuse(name, "its header is not valid UTF-8");
    HeaderReader reader;
    // a byte order mark would be skipped by the parser, but is no JSON
    if (header.starts_with("\xEF\xBB\xBF")) refuse(name, "its header is not valid JSON, at byte 1");
    if (!nlohmann::json::sax_parse(header.begin(), header.end(), &reader)) refuse(name, reader.reason);
    const auto data = content.subspan(8 + size);
    check_layout(reader.entries, data.size(), name);
    TensorTable table;
    table.format = "safetensors";
    table.metadata = std::move(reader.metadata);
    table.tensors.reserve(reader.entries.size());
    for (const auto& entry : reader.entries) table.tensors.push_back(tensor_of(entry, data, name));
    return table;
}

}  // namespace clipig
