// Zip archives of PyTorch that are refused, and those with zip64 records.
#include <gtest/gtest.h>

#include <string_view>
#include <utility>

#include "models/torch_zip_test_tools.h"

namespace clipig {
namespace {

using namespace test;

struct BadArchive {
    std::string archive;
    std::string reason;
};

std::string with(std::string archive, std::size_t at, std::string_view bytes) {
    archive.replace(at, bytes.size(), bytes);
    return archive;
}

std::vector<BadArchive> bad_archives() {
    const std::string pickle = value_pickle(tensor_opcodes({}));
    const auto good = archive_entries(pickle);
    const auto changed = [&](std::size_t index, auto change) {
        auto entries = good;
        change(entries[index]);
        return zip_of(entries);
    };
    const auto added = [&](TestEntry entry) {
        auto entries = good;
        entries.push_back(std::move(entry));
        return zip_of(entries);
    };
    const std::string whole = zip_of(good);
    const std::size_t end = whole.size() - 22;
    const std::size_t table = whole.find("PK\1\2");
    return {
        {whole.substr(0, whole.size() - 1), "it is cut off: the table at the end of its zip archive is missing"},
        {whole + "x", "it is cut off: the table at the end of its zip archive is missing"},
        {zip_of({}), "it is a zip archive, but not one of PyTorch: it has no data.pkl"},
        {zip_of({{"a.txt", "hello"}}), "it is a zip archive, but not one of PyTorch: it has no data.pkl"},
        {added({"other/data.pkl", pickle}), "it is a zip archive with more than one data.pkl"},
        {zip_of({good[0], good[2]}), "its record 'version' is missing"},
        {changed(1, [](auto& entry) { entry.data = "x\n"; }), "its record 'version' is 'x', which is no number"},
        {changed(1, [](auto& entry) { entry.data = "11\n"; }), "it has the file format version 11, and only 1 to 10 are known"},
        {changed(1, [](auto& entry) { entry.data = "0"; }), "it has the file format version 0, and only 1 to 10 are known"},
        {changed(1, [](auto& entry) { entry.data = std::string(100, '3'); }),
         "its entry 'm/version' has 100 bytes, and at most 64 are read"},
        {added({"m/byteorder", "big"}), "it was saved on a big-endian machine; save it again on an ordinary one"},
        {added({"m/byteorder", "odd"}), "its record 'byteorder' is 'odd', neither 'little' nor 'big'"},
        {added({"m/version", "3"}), "its zip archive has two entries 'm/version'"},
        {changed(0, [](auto& entry) { entry.crc_off = 1; }), "its entry 'm/data.pkl' is damaged: its CRC-32 is not the recorded one"},
        {changed(2, [](auto& entry) { entry.crc_off = 1; }), "its entry 'm/data/0' is damaged: its CRC-32 is not the recorded one"},
        {changed(2, [](auto& entry) { entry.flags = 1; }), "its entry 'm/data/0' is encrypted"},
        {changed(2, [](auto& entry) { entry.method = 12; }),
         "its entry 'm/data/0' is packed by method 12; only stored and deflated ones are read"},
        {changed(2, [](auto& entry) { entry.size_off = 1; }), "its entry 'm/data/0' is larger than the file"},
        {changed(0, [](auto& entry) { entry.size_off = 1; }), "its entries 'm/data.pkl' and 'm/version' overlap"},
        {changed(2, [](auto& entry) { entry.size_off = 0xFFFFFF00; }), "its entry 'm/data/0' is larger than the file"},
        {changed(2, [](auto& entry) { entry.begin_off = 1; }), "its entry 'm/data/0' has no header where the table says"},
        {changed(2, [](auto& entry) { entry.begin_off = 1 << 20; }), "its entry 'm/data/0' lies outside of the file"},
        {changed(2, [](auto& entry) { entry.local_name = "m/data/1"; }), "its entry 'm/data/0' is named 'm/data/1' in its own header"},
        {changed(2,
                 [](auto& entry) {
                     entry.method = 8;
                     entry.size_off = 1;
                 }),
         "its entry 'm/data/0' cannot be unpacked: its deflated data are damaged"},
        {changed(2,
                 [](auto& entry) {
                     entry.method = 8;
                     entry.size_off = 1 << 30;
                 }),
         "its entry 'm/data/0' claims to unpack to 1073741840 bytes, more than deflated data can"},
        {with(whole, table, "PKxx"), "the table of its zip archive is damaged at byte " + std::to_string(table)},
        {with(whole, table + 28, "\xff\xff"), "the table of its zip archive is damaged at byte " + std::to_string(table)},
        {with(whole, table + 34, "\1"), "its zip archive is spread over several disks"},
        {with(whole, end + 4, "\1"), "its zip archive is spread over several disks"},
        {with(whole, end + 8, "\2"), "the end record of its zip archive counts its entries in two ways"},
        {with(whole, end + 8, std::string("\2\0\2\0", 4)), "the table of its zip archive has more than the 2 entries that it claims"},
        {with(whole, end + 8, "\xff\xff\xff\xff"), "its zip archive claims 65535 entries, which do not fit in its table"},
        {with(whole, end + 12, "\1"), "the table of its zip archive does not lie where its end record says"},
        {"PK\3\4junk" + whole, "the table of its zip archive does not lie where its end record says"},
        {with(whole, table + 20, "\xff\xff\xff\xff"), "its entry 'm/data.pkl' has no zip64 field, but needs one"},
    };
}

TEST(ZipArchive, RefusesBrokenOnesWithASentenceEach) {
    for (const auto& bad : bad_archives()) {
        const auto text = refusal(bad.archive);
        EXPECT_TRUE(text.starts_with(bad.reason)) << "expected: " << bad.reason << "\n     got: " << text;
    }
}

/// The end records of an archive rewritten as zip64.
std::string zip64_of(const std::string& pickle) {
    const auto whole = archive_of(pickle);
    const std::size_t end = whole.size() - 22;
    const std::size_t table = whole.find("PK\1\2");
    return whole.substr(0, end) + "PK\6\6" + little_endian(44, 8) + little_endian(0, 4) + little_endian(0, 8) + little_endian(3, 8) +
           little_endian(3, 8) + little_endian(end - table, 8) + little_endian(table, 8) + "PK\6\7" + little_endian(0, 4) +
           little_endian(end, 8) + little_endian(1, 4) + "PK\5\6" + little_endian(0, 4) + std::string(12, '\xff') + little_endian(0, 2);
}

TEST(ZipArchive, ReadsZip64) {
    const auto good = zip64_of(value_pickle(tensor_opcodes({})));
    EXPECT_EQ(refusal(good), "no error");
    const std::size_t record = good.find("PK\6\6");
    EXPECT_EQ(refusal(with(good, record, "PKxx")), "its zip64 end record is not where it should be");
    EXPECT_EQ(refusal(with(good, record + 4, "x")), "its zip64 end record has the wrong length");
    EXPECT_EQ(refusal(with(good, record + 24, "x")), "its zip64 end record counts its entries in two ways");
    EXPECT_EQ(refusal(with(good, record + 16, "x")), "its zip archive is spread over several disks");
    EXPECT_EQ(refusal(with(good, good.size() - 4, "xxxx")).substr(0, 14), "it is cut off:");
    EXPECT_EQ(refusal(with(good, good.size() - 12, "\1")), "the two end records of its zip archive contradict each other");
    EXPECT_TRUE(refusal(with(good, record + 40, std::string(8, '\xff'))).starts_with("the table of its zip archive does not lie"));
}

TEST(ZipArchive, TakesAnyByteChangeWithoutACrash) {
    const auto whole = archive_of(value_pickle(tensor_opcodes({})));
    std::size_t refused = 0;
    for (std::size_t at = 4; at < whole.size(); ++at) {
        for (const char byte : {'\0', '\x01', '\x7f', '\xff'})
            refused += refusal(with(whole, at, std::string(1, byte))) != "no error" ? 1U : 0U;
    }
    EXPECT_GT(refused, whole.size()) << "checksums and double entries catch most changes";
}

}  // namespace
}  // namespace clipig
