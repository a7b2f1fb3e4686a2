// For tests: zip archives and pickles written piece by piece, right or wrong.
#pragma once

#include <zlib.h>

#include <string>
#include <string_view>
#include <vector>

#include "models/tensor_test_tools.h"

namespace clipig::test {

struct TestEntry {
    std::string name;
    std::string data;
    int method = 0;  ///< 0 stored, 8 deflated
    std::uint64_t flags = 0;
    std::uint64_t size_off = 0;   ///< added to the size in the table
    std::uint32_t crc_off = 0;    ///< added to the checksum
    std::uint64_t begin_off = 0;  ///< added to the place in the table
    std::string local_name{};     ///< the name in the local header when it differs
};

inline std::string deflated(std::string_view text) {
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    std::string out(compressBound(text.size()) + 64, '\0');
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

/// version, flags, method, time, date, checksum, sizes, lengths: what both headers of an entry share.
inline std::string zip_fields(const TestEntry& entry, const std::string& packed, const std::string& name, std::uint64_t size_off) {
    const auto crc =
        static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(entry.data.data()), entry.data.size())) + entry.crc_off;
    const std::uint64_t packed_off = entry.method == 0 ? size_off : 0;
    return little_endian(20, 2) + little_endian(entry.flags, 2) + little_endian(static_cast<std::uint64_t>(entry.method), 2) +
           little_endian(0, 4) + little_endian(crc, 4) + little_endian(packed.size() + packed_off, 4) +
           little_endian(entry.data.size() + size_off, 4) + little_endian(name.size(), 2) + little_endian(0, 2);
}

inline std::string zip_of(const std::vector<TestEntry>& entries) {
    std::string files;
    std::string table;
    for (const auto& entry : entries) {
        const std::string packed = entry.method == 8 ? deflated(entry.data) : entry.data;
        const std::string local = entry.local_name.empty() ? entry.name : entry.local_name;
        table += "PK\1\2" + little_endian(20, 2) + zip_fields(entry, packed, entry.name, entry.size_off) + little_endian(0, 8) +
                 little_endian(0, 2) + little_endian(files.size() + entry.begin_off, 4) + entry.name;
        files += "PK\3\4" + zip_fields(entry, packed, local, 0) + local + packed;
    }
    return files + table + "PK\5\6" + little_endian(0, 4) + little_endian(entries.size(), 2) + little_endian(entries.size(), 2) +
           little_endian(table.size(), 4) + little_endian(files.size(), 4) + little_endian(0, 2);
}

inline std::string text_opcode(std::string_view text) { return "X" + little_endian(text.size(), 4) + std::string(text); }
inline std::string number_opcode(std::int64_t number) {
    return std::string("\x8a\x08") + little_endian(static_cast<std::uint64_t>(number), 8);
}
inline std::string global_opcode(const std::string& module, const std::string& name) { return "c" + module + "\n" + name + "\n"; }
inline std::string ordered_dict() { return global_opcode("collections", "OrderedDict") + ")R"; }

inline std::string tuple_opcode(const std::vector<std::int64_t>& numbers) {
    std::string text = "(";
    for (const auto number : numbers) text += number_opcode(number);
    return text + "t";
}

struct TestTensor {
    std::string key = "0";
    std::string type = "FloatStorage";
    std::int64_t elements = 4;
    std::int64_t offset = 0;
    std::vector<std::int64_t> shape = {4};
    std::vector<std::int64_t> strides = {1};
    std::string device = "cpu";
};

/// _rebuild_tensor_v2 of a storage, as torch.save writes it.
inline std::string tensor_opcodes(const TestTensor& tensor) {
    return global_opcode("torch._utils", "_rebuild_tensor_v2") + "((" + text_opcode("storage") + global_opcode("torch", tensor.type) +
           text_opcode(tensor.key) + text_opcode(tensor.device) + number_opcode(tensor.elements) + "tQ" + number_opcode(tensor.offset) +
           tuple_opcode(tensor.shape) + tuple_opcode(tensor.strides) + "\x89" + ordered_dict() + "tR";
}

/// A pickle of a dict with one value.
inline std::string dict_pickle(const std::string& key, const std::string& value) { return "\x80\x02}" + text_opcode(key) + value + "s."; }
inline std::string value_pickle(const std::string& value) { return dict_pickle("w", value); }

/// An archive with this pickle, version 3, and a storage `0` of four floats 1, 2, 3, 4.
inline std::vector<TestEntry> archive_entries(const std::string& pickle) {
    std::string floats;
    for (const float value : {1.0F, 2.0F, 3.0F, 4.0F}) floats += little_endian(std::bit_cast<std::uint32_t>(value), 4);
    return {{"m/data.pkl", pickle}, {"m/version", "3\n"}, {"m/data/0", floats}};
}
inline std::string archive_of(const std::string& pickle) { return zip_of(archive_entries(pickle)); }

}  // namespace clipig::test
