// Two hash tables with open addressing: they are filled with 50,000 entries whenever a prompt is read, so allocations must be few.
#pragma once

#include <bit>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace clipig {

/// Ids of symbols by their text; looks into the list of symbols that it is given.
class SymbolIndex {
public:
    SymbolIndex(const std::vector<std::string>& symbols, std::size_t most) : symbols_(symbols), slots_(std::bit_ceil(2 * most + 2), 0) {
        for (std::uint32_t id = 0; id < symbols.size(); ++id) add(id);
    }
    /// The symbol `id` is in the list by now.
    void add(std::uint32_t id) {
        auto& slot = slots_[place(symbols_[id])];
        if (slot == 0) slot = id + 1;
    }
    /// The id, or nullptr when there is no such symbol; valid until the next call.
    [[nodiscard]] const std::uint32_t* find(std::string_view symbol) const {
        const std::uint32_t slot = slots_[place(symbol)];
        found_ = slot - 1;
        return slot == 0 ? nullptr : &found_;
    }

private:
    [[nodiscard]] std::size_t place(std::string_view symbol) const {
        std::size_t at = std::hash<std::string_view>{}(symbol) & (slots_.size() - 1);
        while (slots_[at] != 0 && symbols_[slots_[at] - 1] != symbol) at = (at + 1) & (slots_.size() - 1);
        return at;
    }
    const std::vector<std::string>& symbols_;
    std::vector<std::uint32_t> slots_;
    mutable std::uint32_t found_ = 0;
};

/// What a pair of neighbouring symbols becomes, and in which order pairs are joined.
class MergeTable {
public:
    struct Merge {
        std::uint64_t pair = 0;  ///< left id * 2^32 + right id
        std::uint32_t rank = 0;
        std::uint32_t result = 0;  ///< id of the joined symbol
    };
    explicit MergeTable(std::size_t most = 0) : slots_(std::bit_ceil(2 * most + 2), Merge{kEmpty}) {}

    /// False when the pair is there already. Ranks follow the order of adding.
    bool add(std::uint64_t pair, std::uint32_t result) {
        auto& slot = slots_[place(pair)];
        if (slot.pair != kEmpty) return false;
        slot = {pair, count_++, result};
        return true;
    }
    [[nodiscard]] const Merge* find(std::uint64_t pair) const {
        const auto& slot = slots_[place(pair)];
        return slot.pair == kEmpty ? nullptr : &slot;
    }

private:
    static constexpr std::uint64_t kEmpty = ~std::uint64_t{0};  // no vocabulary has 2^32 symbols

    [[nodiscard]] std::size_t place(std::uint64_t pair) const {
        // Fibonacci hashing: the upper bits of the product with 2^64 / golden ratio (Knuth, TAOCP 3, 6.4)
        const int bits = std::countr_zero(slots_.size());
        std::size_t at = static_cast<std::size_t>((pair * 0x9E3779B97F4A7C15ULL) >> (64 - bits));
        while (slots_[at].pair != kEmpty && slots_[at].pair != pair) at = (at + 1) & (slots_.size() - 1);
        return at;
    }
    std::vector<Merge> slots_;
    std::uint32_t count_ = 0;
};

}  // namespace clipig
