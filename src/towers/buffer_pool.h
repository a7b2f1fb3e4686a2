// Large working memory that is used again from step to step: fresh pages cost more than the arithmetic on them. No torch here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace clipig {

/// Memory of at least `bytes`, aligned to a cache line, with any content. It goes back to a small process-wide pool when the last
/// owner lets go. Safe to call from several threads.
[[nodiscard]] std::shared_ptr<std::byte> borrow_memory(std::size_t bytes);

/// Bytes of all blocks, lent and free.
[[nodiscard]] std::size_t pooled_bytes();

/// Give the free blocks of the pool back to the system.
void release_pooled_memory();

/// Cuts one block into aligned arrays. With a null base it only adds up sizes.
class Carver {
public:
    explicit Carver(std::byte* base) : base_(base) {}
    template <class T>
    T* take(std::int64_t count) {
        constexpr std::size_t kLine = 64;
        T* array = base_ == nullptr ? nullptr : reinterpret_cast<T*>(base_ + used_);
        used_ += (static_cast<std::size_t>(count) * sizeof(T) + kLine - 1) / kLine * kLine;
        return array;
    }
    [[nodiscard]] std::size_t used() const { return used_; }

private:
    std::byte* base_;
    std::size_t used_ = 0;
};

/// Memory for all that `carve(carver)` takes: it is called twice, first to count.
template <class Carve>
[[nodiscard]] std::shared_ptr<std::byte> borrow_carved(const Carve& carve) {
    Carver counter(nullptr);
    carve(counter);
    std::shared_ptr<std::byte> memory = borrow_memory(counter.used());
    Carver carver(memory.get());
    carve(carver);
    return memory;
}

}  // namespace clipig
