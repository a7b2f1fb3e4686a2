// The part of the zip format that weight files use, read from memory: stored and deflated entries, zip64.
// Format: APPNOTE.TXT 6.3.10 of PKWARE.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace clipig {

struct ZipEntry {
    std::string name;
    bool deflated = false;
    std::uint32_t crc = 0;
    std::uint64_t packed_size = 0;
    std::uint64_t size = 0;
    std::uint64_t begin = 0;       ///< of the local header
    std::uint64_t data_begin = 0;  ///< of the packed data
};

/// The bytes of an entry: a view of the archive when it is stored, memory that `owner` keeps when it was deflated.
struct ZipData {
    std::span<const std::byte> bytes;
    std::shared_ptr<const void> owner;
};

/// The table of an archive. The constructor checks it whole: entries inside of the file, none over another, none twice, no encryption,
/// no spanned disks. Throws InputError with one sentence for each defect.
class ZipArchive {
public:
    ZipArchive(std::span<const std::byte> content, std::string name);
    [[nodiscard]] const std::vector<ZipEntry>& entries() const { return entries_; }  ///< sorted by name
    [[nodiscard]] const ZipEntry* find(std::string_view name) const;
    /// Unpacks when deflated; checks size and CRC-32. Refuses more than `limit` bytes.
    [[nodiscard]] ZipData read(const ZipEntry& entry, std::uint64_t limit) const;

private:
    void read_table(std::uint64_t begin, std::uint64_t end, std::uint64_t count);
    std::uint64_t read_entry(std::uint64_t at, std::uint64_t end);
    void locate_data(ZipEntry& entry, std::uint64_t table_begin) const;
    void check_overlaps() const;

    std::span<const std::byte> content_;
    std::string name_;
    std::vector<ZipEntry> entries_;
};

}  // namespace clipig
