#include "towers/attention_kernels.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "towers/buffer_pool.h"
#include "towers/row_kernels.h"
#include "towers/small_product.h"

namespace clipig {
namespace {

constexpr std::int64_t kQueryBlock = 96;  ///< queries whose logits are held at a time; a multiple of small_product's six rows

std::int64_t padded(std::int64_t size) { return (size + 15) / 16 * 16; }

/// The matrices of one head in float32, padded with zeros to whole vectors.
struct HeadScratch {
    std::int64_t head, keys;  ///< padded
    float *q, *k, *v, *k_across, *v_across, *logits, *out, *d_out, *d_logits, *dk, *dv, *dq;
};

template <class T>
HeadScratch scratch_for(const HeadInputs<T>& in, bool backward) {
    const std::int64_t head = padded(in.head), keys = padded(in.keys), block = std::min(kQueryBlock, in.queries);
    const auto carve = [&](std::byte* base, std::size_t& used) {
        Carver carver(base);
        HeadScratch s{};
        s.head = head;
        s.keys = keys;
        s.q = carver.take<float>(in.queries * head);
        s.v = carver.take<float>(in.keys * head);
        s.k_across = carver.take<float>(head * keys);
        s.logits = carver.take<float>(block * keys);
        s.out = carver.take<float>(block * head);
        if (backward) {
            s.k = carver.take<float>(in.keys * head);
            s.v_across = carver.take<float>(head * keys);
            s.d_out = carver.take<float>(in.queries * head);
            s.d_logits = carver.take<float>(block * keys);
            s.dk = carver.take<float>(in.keys * head);
            s.dv = carver.take<float>(in.keys * head);
            s.dq = carver.take<float>(block * head);
        }
        used = carver.used();
        return s;
    };
    std::size_t used = 0;
    static_cast<void>(carve(nullptr, used));
    thread_local std::shared_ptr<std::byte> memory;
    thread_local std::size_t size = 0;
    if (used > size) {
        memory = borrow_memory(used);
        size = used;
    }
    return carve(memory.get(), used);
}

template <class T>
void gather(const T* from, std::int64_t step, std::int64_t rows, std::int64_t width, std::int64_t to_step, float* to) {
    for (std::int64_t r = 0; r < rows; ++r) {
        const T* source = from + r * step;
        float* target = to + r * to_step;
#pragma omp simd
        for (std::int64_t i = 0; i < width; ++i) target[i] = widen(source[i]);
        for (std::int64_t i = width; i < to_step; ++i) target[i] = 0;
    }
}

/// to [width padded, columns padded] = from^T, in tiles so that both sides stay in the cache.
template <class T>
void gather_across(const T* from, std::int64_t step, std::int64_t rows, std::int64_t width, std::int64_t padded_width, std::int64_t to_step,
                   float* to) {
    constexpr std::int64_t kTile = 16;
    for (std::int64_t r0 = 0; r0 < to_step; r0 += kTile) {
        for (std::int64_t i0 = 0; i0 < padded_width; i0 += kTile) {
            float tile[kTile][kTile] = {};
            const std::int64_t height = std::clamp<std::int64_t>(rows - r0, 0, kTile),
                               wide = std::clamp<std::int64_t>(width - i0, 0, kTile);
            for (std::int64_t r = 0; r < height; ++r) {
                for (std::int64_t i = 0; i < wide; ++i) tile[i][r] = widen(from[(r0 + r) * step + i0 + i]);
            }
            for (std::int64_t i = 0; i < kTile; ++i) std::memcpy(to + (i0 + i) * to_step + r0, tile[i], sizeof tile[i]);
        }
    }
}

template <class T>
void scatter(const float* from, std::int64_t from_step, std::int64_t rows, std::int64_t width, T* to, std::int64_t step) {
    for (std::int64_t r = 0; r < rows; ++r) {
        const float* source = from + r * from_step;
        T* target = to + r * step;
#pragma omp simd
        for (std::int64_t i = 0; i < width; ++i) target[i] = narrowed<T>(source[i]);
    }
}

/// Logits become probabilities, in place; padding becomes zero.
void softmax_rows(float* rows, std::int64_t count, std::int64_t keys, std::int64_t step) {
    for (std::int64_t r = 0; r < count; ++r) {
        float* row = rows + r * step;
        float largest = row[0];
#pragma omp simd reduction(max : largest)
        for (std::int64_t i = 0; i < keys; ++i) largest = largest < row[i] ? row[i] : largest;
        float sum = 0;
#pragma omp simd reduction(+ : sum)
        for (std::int64_t i = 0; i < keys; ++i) {
            row[i] = fast_exp(row[i] - largest);
            sum += row[i];
        }
        const float factor = 1.0f / sum;
#pragma omp simd
        for (std::int64_t i = 0; i < keys; ++i) row[i] *= factor;
        for (std::int64_t i = keys; i < step; ++i) row[i] = 0;
    }
}

/// d logits = p (d p - sum(p d p)), in place of d p.
void softmax_rows_backward(const float* probabilities, float* d, std::int64_t count, std::int64_t step) {
    for (std::int64_t r = 0; r < count; ++r) {
        const float* p = probabilities + r * step;
        float* row = d + r * step;
        float sum = 0;
#pragma omp simd reduction(+ : sum)
        for (std::int64_t i = 0; i < step; ++i) sum += p[i] * row[i];
#pragma omp simd
        for (std::int64_t i = 0; i < step; ++i) row[i] = p[i] * (row[i] - sum);
    }
}

template <class T>
void forward_head(const HeadInputs<T>& in, std::int64_t sequence, std::int64_t h, T* mixed) {
    const HeadScratch s = scratch_for(in, false);
    const std::int64_t width = in.heads * in.head, kv_at = sequence * in.keys * in.kv_step + h * in.head;
    gather(in.q + sequence * in.queries * in.q_step + h * in.head, in.q_step, in.queries, in.head, s.head, s.q);
    gather(in.v + kv_at, in.kv_step, in.keys, in.head, s.head, s.v);
    gather_across(in.k + kv_at, in.kv_step, in.keys, in.head, s.head, s.keys, s.k_across);
    for (std::int64_t first = 0; first < in.queries; first += kQueryBlock) {
        const std::int64_t rows = std::min(kQueryBlock, in.queries - first);
        small_product(rows, s.keys, in.head, {s.q + first * s.head, s.head, 1}, s.k_across, s.keys, s.logits, s.keys, false);
        softmax_rows(s.logits, rows, in.keys, s.keys);
        small_product(rows, s.head, in.keys, {s.logits, s.keys, 1}, s.v, s.head, s.out, s.head, false);
        scatter(s.out, s.head, rows, in.head, mixed + (sequence * in.queries + first) * width + h * in.head, width);
    }
}

template <class T>
void backward_head(const HeadInputs<T>& in, const T* d_mixed, std::int64_t sequence, std::int64_t h, T* dq, T* dk, T* dv) {
    const HeadScratch s = scratch_for(in, true);
    const std::int64_t width = in.heads * in.head;
    const std::int64_t q_at = sequence * in.queries * in.q_step + h * in.head, kv_at = sequence * in.keys * in.kv_step + h * in.head;
    gather(in.q + q_at, in.q_step, in.queries, in.head, s.head, s.q);
    gather(in.k + kv_at, in.kv_step, in.keys, in.head, s.head, s.k);
    gather_across(in.k + kv_at, in.kv_step, in.keys, in.head, s.head, s.keys, s.k_across);
    gather_across(in.v + kv_at, in.kv_step, in.keys, in.head, s.head, s.keys, s.v_across);
    gather(d_mixed + sequence * in.queries * width + h * in.head, width, in.queries, in.head, s.head, s.d_out);
    for (std::int64_t first = 0; first < in.queries; first += kQueryBlock) {
        const std::int64_t rows = std::min(kQueryBlock, in.queries - first);
        const float *q = s.q + first * s.head, *d_out = s.d_out + first * s.head;
        small_product(rows, s.keys, in.head, {q, s.head, 1}, s.k_across, s.keys, s.logits, s.keys, false);
        softmax_rows(s.logits, rows, in.keys, s.keys);
        small_product(rows, s.keys, in.head, {d_out, s.head, 1}, s.v_across, s.keys, s.d_logits, s.keys, false);
        small_product(in.keys, s.head, rows, {s.logits, 1, s.keys}, d_out, s.head, s.dv, s.head, first > 0);
        softmax_rows_backward(s.logits, s.d_logits, rows, s.keys);
        small_product(rows, s.head, in.keys, {s.d_logits, s.keys, 1}, s.k, s.head, s.dq, s.head, false);
        small_product(in.keys, s.head, rows, {s.d_logits, 1, s.keys}, q, s.head, s.dk, s.head, first > 0);
        scatter(s.dq, s.head, rows, in.head, dq + q_at + first * in.q_step, in.q_step);
    }
    scatter(s.dk, s.head, in.keys, in.head, dk + kv_at, in.kv_step);
    scatter(s.dv, s.head, in.keys, in.head, dv + kv_at, in.kv_step);
}

}  // namespace

template <class T>
void attention_forward(const HeadInputs<T>& in, T* mixed) {
    const std::int64_t tasks = in.count * in.heads;
#pragma omp parallel for schedule(static) if (tasks * in.keys * in.head >= kWorthThreads)
    for (std::int64_t task = 0; task < tasks; ++task) forward_head(in, task / in.heads, task % in.heads, mixed);
}

template <class T>
void attention_backward(const HeadInputs<T>& in, const T* d_mixed, T* dq, T* dk, T* dv) {
    const std::int64_t tasks = in.count * in.heads;
#pragma omp parallel for schedule(static) if (tasks * in.keys * in.head >= kWorthThreads)
    for (std::int64_t task = 0; task < tasks; ++task) backward_head(in, d_mixed, task / in.heads, task % in.heads, dq, dk, dv);
}

#define CLIPIG_INSTANTIATE(T)                                     \
    template void attention_forward<T>(const HeadInputs<T>&, T*); \
    template void attention_backward<T>(const HeadInputs<T>&, const T*, T*, T*, T*);
CLIPIG_INSTANTIATE(float)
CLIPIG_INSTANTIATE(Bfloat16)
#undef CLIPIG_INSTANTIATE

}  // namespace clipig
