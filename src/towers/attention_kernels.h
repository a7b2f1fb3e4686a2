// Softmax attention of many small heads, forward and backward to the inputs, on all threads. No torch here.
#pragma once

#include <cstdint>

namespace clipig {

/// Where the heads of a batch of sequences lie. Head h of row r of q starts at q + r * q_step + h * head; likewise k and v.
/// Queries are already scaled by 1 / sqrt(head).
template <class T>
struct HeadInputs {
    std::int64_t count = 0;  ///< sequences
    std::int64_t heads = 0;
    std::int64_t head = 0;     ///< width of a head
    std::int64_t queries = 0;  ///< rows of q per sequence
    std::int64_t keys = 0;     ///< rows of k and v per sequence
    const T* q = nullptr;
    const T* k = nullptr;
    const T* v = nullptr;
    std::int64_t q_step = 0, kv_step = 0;
};

/// mixed [count * queries, heads * head] = softmax(q k^T) v.
template <class T>
void attention_forward(const HeadInputs<T>& in, T* mixed);

/// Gradients of attention_forward for d_mixed, in the layout of q, k and v (same steps). Probabilities are computed again.
template <class T>
void attention_backward(const HeadInputs<T>& in, const T* d_mixed, T* dq, T* dk, T* dv);

}  // namespace clipig
