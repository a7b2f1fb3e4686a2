// Products with frozen weights: the weights are packed once in oneDNN's own layout, and products with them come with what
// follows fused in. No torch here.
#pragma once

#include <cstdint>
#include <dnnl.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>

namespace clipig {

enum class NumberType { f32, bf16 };

/// What happens to a product before it is stored.
enum class Epilogue {
    store,     ///< y = x W + b
    add,       ///< y = y + x W + b
    multiply,  ///< y = (x W + b) * other, other of the shape and type of y
    relu,      ///< y = max(0, x W + b)
    plus_relu  ///< y = max(0, x W + b + other)
};

/// A matrix W [inner, outer] that rows are multiplied by. Safe to use from several threads.
class PackedMatrix {
public:
    PackedMatrix() = default;
    /// `weights`: float32, element (i, o) at weights[i * inner_stride + o * outer_stride]; `bias`: [outer], or null. Copied.
    PackedMatrix(const float* weights, std::int64_t inner, std::int64_t outer, std::int64_t inner_stride, std::int64_t outer_stride,
                 const float* bias, NumberType type);

    /// y [rows, outer] from x [rows, inner], both row-major; x in the type of the weights, y in `y_type`.
    void multiply(std::int64_t rows, const void* x, void* y, NumberType y_type, Epilogue epilogue = Epilogue::store,
                  const void* other = nullptr) const;

    [[nodiscard]] std::int64_t inner() const { return state_->inner; }
    [[nodiscard]] std::int64_t outer() const { return state_->outer; }

private:
    struct Product {
        dnnl::matmul primitive;
        dnnl::memory::desc x, y;
        dnnl::memory weights;
        dnnl::memory::desc scratch;
    };
    using Key = std::tuple<std::int64_t, NumberType, Epilogue>;
    struct State {
        std::int64_t inner = 0, outer = 0;
        NumberType type = NumberType::f32;
        dnnl::memory packed;  ///< in the layout that the first product asked for
        dnnl::memory bias;    ///< empty when there is none
        std::map<Key, Product> products;
        std::mutex guard;
    };
    [[nodiscard]] const Product& product(const Key& key) const;
    [[nodiscard]] Product make_product(const Key& key) const;
    std::shared_ptr<State> state_;
};

/// The CPU engine and a stream of this thread.
[[nodiscard]] const dnnl::engine& cpu_engine();
[[nodiscard]] dnnl::stream& cpu_stream();
/// Scratch memory of this thread of at least so many bytes, for one primitive at a time.
[[nodiscard]] void* cpu_scratch(std::size_t bytes);

/// The processor multiplies bfloat16 in hardware (AVX512-BF16 or AMX), so that oneDNN is faster with it than with float32.
[[nodiscard]] bool processor_has_bf16();

}  // namespace clipig
