#include "towers/buffer_pool.h"

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <new>
#include <vector>

#include <sys/mman.h>

namespace clipig {
namespace {

struct Block {
    std::byte* memory = nullptr;
    std::size_t bytes = 0;
};

constexpr std::size_t kHugePage = 2u << 20;
constexpr std::size_t kMostFreeBlocks = 6;

struct Pool {
    std::mutex guard;
    std::vector<Block> free_blocks;  ///< oldest first
    std::size_t bytes = 0;           ///< of all blocks, lent ones too
};

/// Never destroyed: tensors with static storage may outlive everything else.
Pool& pool() {
    static Pool* const pool = new Pool;
    return *pool;
}

Block allocate(std::size_t bytes) {
    const std::size_t size = std::max<std::size_t>(1, (bytes + kHugePage - 1) / kHugePage) * kHugePage;
    auto* memory = static_cast<std::byte*>(std::aligned_alloc(kHugePage, size));
    if (memory == nullptr) throw std::bad_alloc();
    madvise(memory, size, MADV_HUGEPAGE);  // a hint: one fault for 2 MiB instead of 512
    return {memory, size};
}

void give_back(Block block) {
    const std::lock_guard lock(pool().guard);
    auto& blocks = pool().free_blocks;
    blocks.push_back(block);
    if (blocks.size() > kMostFreeBlocks) {
        std::free(blocks.front().memory);
        pool().bytes -= blocks.front().bytes;
        blocks.erase(blocks.begin());
    }
}

}  // namespace

std::shared_ptr<std::byte> borrow_memory(std::size_t bytes) {
    Block block;
    {
        const std::lock_guard lock(pool().guard);
        auto& blocks = pool().free_blocks;
        auto best = blocks.end();
        for (auto at = blocks.begin(); at != blocks.end(); ++at) {
            const bool fits = at->bytes >= bytes && at->bytes / 2 <= std::max(bytes, kHugePage);
            if (fits && (best == blocks.end() || at->bytes < best->bytes)) best = at;
        }
        if (best != blocks.end()) {
            block = *best;
            blocks.erase(best);
        }
    }
    if (block.memory == nullptr) {
        block = allocate(bytes);
        const std::lock_guard lock(pool().guard);
        pool().bytes += block.bytes;
    }
    return {block.memory, [block](std::byte*) { give_back(block); }};
}

void release_pooled_memory() {
    const std::lock_guard lock(pool().guard);
    for (const Block& block : pool().free_blocks) {
        std::free(block.memory);
        pool().bytes -= block.bytes;
    }
    pool().free_blocks.clear();
}

std::size_t pooled_bytes() {
    const std::lock_guard lock(pool().guard);
    return pool().bytes;
}

}  // namespace clipig
