#include "models/zip_archive.h"

#include <zlib.h>

#include <algorithm>
#include <optional>

#include "models/inflate.h"
#include "models/tensor_table.h"

namespace clipig {
namespace {

constexpr std::uint32_t kLocalHeader = 0x04034b50;
constexpr std::uint32_t kTableEntry = 0x02014b50;
constexpr std::uint32_t kEnd = 0x06054b50;
constexpr std::uint32_t kEnd64 = 0x06064b50;
constexpr std::uint32_t kEnd64Locator = 0x07064b50;
constexpr std::uint64_t kEndSize = 22;
constexpr std::uint64_t kEntrySize = 46;
constexpr std::uint64_t kLocalSize = 30;
constexpr std::uint64_t kMostEntries = 1'000'000;
constexpr std::uint64_t kDeflateRatio = 1032;  // no deflated data unpack to more (zlib's technical notes)

/// Little-endian numbers at a place that the caller has checked.
std::uint64_t number_at(std::span<const std::byte> content, std::uint64_t at, std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = bytes; i-- > 0;) value = value << 8 | std::to_integer<std::uint64_t>(content[at + i]);
    return value;
}
std::uint64_t u16(std::span<const std::byte> content, std::uint64_t at) { return number_at(content, at, 2); }
std::uint64_t u32(std::span<const std::byte> content, std::uint64_t at) { return number_at(content, at, 4); }
std::uint64_t u64(std::span<const std::byte> content, std::uint64_t at) { return number_at(content, at, 8); }

/// The end record: its comment must reach exactly to the end of the file.
std::optional<std::uint64_t> find_end(std::span<const std::byte> content) {
    if (content.size() < kEndSize) return std::nullopt;
    const std::uint64_t last = content.size() - kEndSize;
    const std::uint64_t first = last > 0xFFFF ? last - 0xFFFF : 0;
    for (std::uint64_t at = last + 1; at-- > first;) {
        if (u32(content, at) == kEnd && u16(content, at + 20) == content.size() - kEndSize - at) return at;
    }
    return std::nullopt;
}

struct TablePlace {
    std::uint64_t begin = 0;
    std::uint64_t size = 0;
    std::uint64_t count = 0;
    std::uint64_t end = 0;  ///< where the first end record begins
};

TablePlace find_table64(std::span<const std::byte> content, std::uint64_t locator, const std::string& name) {
    const std::uint64_t at = u64(content, locator + 8);
    if (u32(content, locator + 4) != 0 || u32(content, locator + 16) > 1) refuse(name, "its zip archive is spread over several disks");
    if (locator < 56 || at > locator - 56 || u32(content, at) != kEnd64) refuse(name, "its zip64 end record is not where it should be");
    if (u64(content, at + 4) != locator - at - 12) refuse(name, "its zip64 end record has the wrong length");
    if (u32(content, at + 16) != 0 || u32(content, at + 20) != 0) refuse(name, "its zip archive is spread over several disks");
    if (u64(content, at + 24) != u64(content, at + 32)) refuse(name, "its zip64 end record counts its entries in two ways");
    return {u64(content, at + 48), u64(content, at + 40), u64(content, at + 32), at};
}

TablePlace find_table(std::span<const std::byte> content, const std::string& name) {
    const auto end = find_end(content);
    if (!end) refuse(name, "it is cut off: the table at the end of its zip archive is missing");
    const TablePlace small{u32(content, *end + 16), u32(content, *end + 12), u16(content, *end + 10), *end};
    if (*end >= 20 && u32(content, *end - 20) == kEnd64Locator) {
        const auto large = find_table64(content, *end - 20, name);
        const bool agree = (small.begin == 0xFFFFFFFF || small.begin == large.begin) &&
                           (small.size == 0xFFFFFFFF || small.size == large.size) && (small.count == 0xFFFF || small.count == large.count);
        if (!agree) refuse(name, "the two end records of its zip archive contradict each other");
        return large;
    }
    if (u16(content, *end + 4) != 0 || u16(content, *end + 6) != 0) refuse(name, "its zip archive is spread over several disks");
    if (u16(content, *end + 8) != small.count) refuse(name, "the end record of its zip archive counts its entries in two ways");
    return small;
}

/// Sizes and place of an entry that do not fit in 32 bits are in the extra field 1, in this order, each only when its 32 bits are full.
void read_zip64_extra(std::span<const std::byte> extra, ZipEntry& entry, const std::string& name) {
    std::uint64_t* wanted[] = {&entry.size, &entry.packed_size, &entry.begin};
    const bool any = std::any_of(std::begin(wanted), std::end(wanted), [](const std::uint64_t* field) { return *field == 0xFFFFFFFF; });
    if (!any) return;
    while (extra.size() >= 4) {
        const std::uint64_t length = u16(extra, 2);
        if (length > extra.size() - 4) break;
        if (u16(extra, 0) == 1) {
            std::uint64_t at = 4;
            for (auto* field : wanted) {
                if (*field != 0xFFFFFFFF) continue;
                if (at + 8 > 4 + length) refuse(name, "the zip64 field of its entry '" + shown(entry.name) + "' is too short");
                *field = u64(extra, at);
                at += 8;
            }
            return;
        }
        extra = extra.subspan(4 + length);
    }
    refuse(name, "its entry '" + shown(entry.name) + "' has no zip64 field, but needs one");
}

[[maybe_unused]] std::uint32_t crc_of(std::span<const std::byte> bytes) {
    return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace

ZipArchive::ZipArchive(std::span<const std::byte> content, std::string name) : content_(content), name_(std::move(name)) {
    const auto table = find_table(content_, name_);
    if (table.begin > table.end || table.size != table.end - table.begin) {
        refuse(name_,
               "the table of its zip archive does not lie where its end record says; the file is damaged or something was put before it");
    }
    if (table.count > kMostEntries || table.count > table.size / kEntrySize) {
        refuse(name_, "its zip archive claims " + std::to_string(table.count) + " entries, which do not fit in its table");
    }
    read_table(table.begin, table.end, table.count);
    check_overlaps();
    std::sort(entries_.begin(), entries_.end(), [](const ZipEntry& a, const ZipEntry& b) { return a.name < b.name; });
    for (std::size_t i = 1; i < entries_.size(); ++i) {
        if (entries_[i].name == entries_[i - 1].name) refuse(name_, "its zip archive has two entries '" + shown(entries_[i].name) + "'");
    }
}

void ZipArchive::read_table(std::uint64_t begin, std::uint64_t end, std::uint64_t count) {
    std::uint64_t at = begin;
    for (std::uint64_t i = 0; i < count; ++i) at = read_entry(at, end);
    if (at != end) refuse(name_, "the table of its zip archive has more than the " + std::to_string(count) + " entries that it claims");
    for (auto& entry : entries_) locate_data(entry, begin);
}

std::uint64_t ZipArchive::read_entry(std::uint64_t at, std::uint64_t end) {
    if (end - at < kEntrySize || u32(content_, at) != kTableEntry)
        refuse(name_, "the table of its zip archive is damaged at byte " + std::to_string(at));
    const std::uint64_t name_size = u16(content_, at + 28);
    const std::uint64_t extra_size = u16(content_, at + 30);
    const std::uint64_t size = kEntrySize + name_size + extra_size + u16(content_, at + 32);
    if (size > end - at) refuse(name_, "the table of its zip archive is damaged at byte " + std::to_string(at));
    ZipEntry entry;
    entry.name.assign(reinterpret_cast<const char*>(content_.data()) + at + kEntrySize, name_size);
    const auto flags = u16(content_, at + 8);
    const auto method = u16(content_, at + 10);
    if ((flags & 0x2041) != 0) refuse(name_, "its entry '" + shown(entry.name) + "' is encrypted");
    if (method != 0 && method != 8) {
        refuse(name_, "its entry '" + shown(entry.name) + "' is packed by method " + std::to_string(method) +
                          "; only stored and deflated ones are read");
    }
    if (u16(content_, at + 34) != 0) refuse(name_, "its zip archive is spread over several disks");
    entry.deflated = method == 8;
    entry.crc = static_cast<std::uint32_t>(u32(content_, at + 16));
    entry.packed_size = u32(content_, at + 20);
    entry.size = u32(content_, at + 24);
    entry.begin = u32(content_, at + 42);
    read_zip64_extra(content_.subspan(at + kEntrySize + name_size, extra_size), entry, name_);
    entries_.push_back(std::move(entry));
    return at + size;
}

void ZipArchive::locate_data(ZipEntry& entry, std::uint64_t table_begin) const {
    const std::string which = "its entry '" + shown(entry.name) + "'";
    if (entry.begin > table_begin || table_begin - entry.begin < kLocalSize) refuse(name_, which + " lies outside of the file");
    if (u32(content_, entry.begin) != kLocalHeader) refuse(name_, which + " has no header where the table says");
    const std::uint64_t name_size = u16(content_, entry.begin + 26);
    const std::uint64_t skipped = kLocalSize + name_size + u16(content_, entry.begin + 28);
    if (skipped > table_begin - entry.begin) refuse(name_, which + " lies outside of the file");
    entry.data_begin = entry.begin + skipped;
    if (entry.packed_size > table_begin - entry.data_begin) refuse(name_, which + " is larger than the file");
    const std::string_view own_name(reinterpret_cast<const char*>(content_.data()) + entry.begin + kLocalSize, name_size);
    if (own_name != entry.name) refuse(name_, which + " is named '" + shown(own_name) + "' in its own header");
    if (u16(content_, entry.begin + 8) != (entry.deflated ? 8U : 0U))
        refuse(name_, which + " is packed in another way than the table says");
    if (!entry.deflated && entry.packed_size != entry.size) refuse(name_, which + " is stored, but has two different sizes");
    if (entry.deflated && entry.size / kDeflateRatio > entry.packed_size) {
        refuse(name_, which + " claims to unpack to " + std::to_string(entry.size) + " bytes, more than deflated data can");
    }
}

void ZipArchive::check_overlaps() const {
    std::vector<const ZipEntry*> sorted;
    for (const auto& entry : entries_) sorted.push_back(&entry);
    std::sort(sorted.begin(), sorted.end(), [](const ZipEntry* a, const ZipEntry* b) { return a->begin < b->begin; });
    for (std::size_t i = 1; i < sorted.size(); ++i) {
        if (sorted[i - 1]->data_begin + sorted[i - 1]->packed_size > sorted[i]->begin) {
            refuse(name_, "its entries '" + shown(sorted[i - 1]->name) + "' and '" + shown(sorted[i]->name) + "' overlap");
        }
    }
}

const ZipEntry* ZipArchive::find(std::string_view name) const {
    const auto found = std::lower_bound(entries_.begin(), entries_.end(), name,
                                        [](const ZipEntry& entry, std::string_view wanted) { return entry.name < wanted; });
    return found != entries_.end() && found->name == name ? &*found : nullptr;
}

ZipData ZipArchive::read(const ZipEntry& entry, std::uint64_t limit) const {
    const std::string which = "its entry '" + shown(entry.name) + "'";
    if (entry.size > limit)
        refuse(name_, which + " has " + std::to_string(entry.size) + " bytes, and at most " + std::to_string(limit) + " are read");
    ZipData data{content_.subspan(entry.data_begin, entry.packed_size), nullptr};
    if (entry.deflated) {
        auto text = inflate_all(data.bytes, Deflated::raw, entry.size);
        if (!text || text->size() != entry.size) refuse(name_, which + " cannot be unpacked: its deflated data are damaged");
        const auto owned = std::make_shared<const std::string>(std::move(*text));
        data.bytes = {reinterpret_cast<const std::byte*>(owned->data()), owned->size()};
        data.owner = owned;
    }
#ifndef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION  // a fuzzer cannot guess checksums
    if (crc_of(data.bytes) != entry.crc) refuse(name_, which + " is damaged: its CRC-32 is not the recorded one");
#endif
    return data;
}

}  // namespace clipig
