// The ViT image tower with packed weights. Against the plain one:
// - gain and bias of each layer norm and the scale of the queries are folded into the layer that follows;
// - the forward pass keeps normalised rows, q k v and the activation's slope, which is all that the gradient at the views needs;
// - only the class token of the last block is read, so the last block computes its keys and values for all tokens and the
//   rest for that one, in both directions.
#include <cmath>
#include <cstring>

#include "towers/attention_kernels.h"
#include "towers/buffer_pool.h"
#include "towers/fast_tower.h"
#include "towers/row_kernels.h"

namespace clipig {
namespace {

struct FoldedLayer {
    Tensor weight, bias;
};

/// W (gain n + shift) + b as a layer of n, rows scaled by `row_scale` when that is defined.
FoldedLayer fold_norm(const Tensor& weight, const Tensor& bias, const Tensor& gain, const Tensor& shift, const Tensor& row_scale) {
    const Tensor w = weight.to(at::kDouble);
    Tensor folded = w * gain.to(at::kDouble), constant = at::mv(w, shift.to(at::kDouble));
    if (bias.defined()) constant = constant + bias.to(at::kDouble);
    if (row_scale.defined()) {
        folded = folded * row_scale.unsqueeze(1);
        constant = constant * row_scale;
    }
    return {folded.to(at::kFloat), constant.to(at::kFloat)};
}

struct PackedBlock {
    PackedLayer qkv;               ///< of every block but the last
    PackedLayer query, key_value;  ///< of the last
    PackedLayer out, up, down;
};

/// What one block keeps. In the last block rows of `normed2`, `inverse2`, `gate` and `q` are sequences, not tokens.
template <class T>
struct BlockTape {
    T *normed1 = nullptr, *qkv = nullptr, *q = nullptr, *normed2 = nullptr, *slope = nullptr;
    float *inverse1 = nullptr, *inverse2 = nullptr;
};

template <class T>
struct VitTape : Tape {
    std::shared_ptr<std::byte> memory;
    T *pre_normed = nullptr, *post_normed = nullptr;
    float *pre_inverse = nullptr, *post_inverse = nullptr;
    std::vector<BlockTape<T>> blocks;
};

template <class T>
class FastVit : public FastNetwork {
public:
    explicit FastVit(const VitWeights& weights);
    std::unique_ptr<Tape> forward(std::int64_t count, const float* views, float* features, bool keep) const override;
    void backward(const Tape& tape, std::int64_t count, const float* d_features, float* d_views) const override;
    [[nodiscard]] std::int64_t embedding() const override { return net_.embedding; }

private:
    static constexpr NumberType kType = sizeof(T) == sizeof(float) ? NumberType::f32 : NumberType::bf16;
    struct Working {
        std::shared_ptr<std::byte> memory;
        float *x, *d_normed;  ///< [tokens, W]: residual stream, or its gradient
        T *mixed, *hidden, *d_qkv, *patches, *copy;
        float* first;    ///< [N, W]: residual stream of the class tokens
        T* first_mixed;  ///< [N, W]
    };
    [[nodiscard]] std::unique_ptr<VitTape<T>> make_tape(std::int64_t count, bool keep) const;
    [[nodiscard]] Working make_working(std::int64_t count) const;
    [[nodiscard]] HeadInputs<T> heads(std::int64_t count, const T* qkv) const;
    [[nodiscard]] HeadInputs<T> last_heads(std::int64_t count, const T* q, const T* key_value) const;

    void cut_patches(std::int64_t count, const float* views, T* patches) const;
    void paste_patches(std::int64_t count, const float* patches, float* views) const;
    void embed(std::int64_t count, const float* views, const VitTape<T>& tape, const Working& work) const;
    void embed_backward(std::int64_t count, const VitTape<T>& tape, const Working& work, float* d_views) const;
    void run_block(std::int64_t count, const PackedBlock& block, const BlockTape<T>& tape, const Working& work) const;
    void run_last_block(std::int64_t count, const PackedBlock& block, const BlockTape<T>& tape, const Working& work) const;
    void block_backward(std::int64_t count, const PackedBlock& block, const BlockTape<T>& tape, const Working& work) const;
    void last_block_backward(std::int64_t count, const PackedBlock& block, const BlockTape<T>& tape, const Working& work) const;
    void feed_forward(std::int64_t rows, const PackedBlock& block, const BlockTape<T>& tape, float* x, T* hidden) const;
    void feed_forward_backward(std::int64_t rows, const PackedBlock& block, const BlockTape<T>& tape, float* dx, T* copy, T* hidden,
                               float* d_normed) const;
    /// The rows to multiply by weights: a copy in T, or the rows themselves when T is float.
    [[nodiscard]] static const T* rows_for_product(const float* x, const T* copy) {
        if constexpr (kType == NumberType::f32) {
            return x;
        } else {
            return copy;
        }
    }
    [[nodiscard]] static T* copy_target(T* copy) { return kType == NumberType::f32 ? nullptr : copy; }

    Architecture net_;
    std::int64_t width_, hidden_, tokens_, patch_inputs_;
    double epsilon_;
    PackedLayer patch_, projection_;
    Tensor class_row_, places_, pre_gain_, pre_shift_;
    std::vector<PackedBlock> blocks_;
};

template <class T>
FastVit<T>::FastVit(const VitWeights& weights)
    : net_(weights.net),
      width_(net_.vision.width),
      hidden_(net_.vision.hidden),
      tokens_(weights.places.size(0)),
      patch_inputs_(3 * net_.patch * net_.patch),
      epsilon_(net_.vision.epsilon),
      patch_(weights.patch, {}, kType) {
    class_row_ = (weights.class_embedding + weights.places[0]).contiguous();
    places_ = weights.places.contiguous();
    pre_gain_ = weights.pre_weight.contiguous();
    pre_shift_ = weights.pre_bias.contiguous();
    const Tensor query_scale = at::full({width_}, 1 / std::sqrt(static_cast<double>(width_ / net_.vision.heads)), at::kDouble);
    const Tensor scale = at::cat({query_scale, at::ones({2 * width_}, at::kDouble)});
    for (const BlockWeights& w : weights.transformer.blocks) {
        PackedBlock block;
        const FoldedLayer qkv = fold_norm(w.qkv_weight, w.qkv_bias, w.norm1_weight, w.norm1_bias, scale);
        if (&w == &weights.transformer.blocks.back()) {
            block.query = PackedLayer(qkv.weight.narrow(0, 0, width_), qkv.bias.narrow(0, 0, width_), kType);
            block.key_value = PackedLayer(qkv.weight.narrow(0, width_, 2 * width_), qkv.bias.narrow(0, width_, 2 * width_), kType);
        } else {
            block.qkv = PackedLayer(qkv.weight, qkv.bias, kType);
        }
        const FoldedLayer up = fold_norm(w.up_weight, w.up_bias, w.norm2_weight, w.norm2_bias, {});
        block.out = PackedLayer(w.out_weight, w.out_bias, kType);
        block.up = PackedLayer(up.weight, up.bias, kType);
        block.down = PackedLayer(w.down_weight, w.down_bias, kType);
        blocks_.push_back(std::move(block));
    }
    const FoldedLayer projection = fold_norm(weights.projection.t(), {}, weights.post_weight, weights.post_bias, {});
    projection_ = PackedLayer(projection.weight, projection.bias, kType);
}

template <class T>
std::unique_ptr<VitTape<T>> FastVit<T>::make_tape(std::int64_t count, bool keep) const {
    auto tape = std::make_unique<VitTape<T>>();
    const std::int64_t rows = count * tokens_;
    const auto carve = [&](std::byte* base) {
        Carver carver(base);
        tape->blocks.assign(blocks_.size(), {});
        tape->pre_normed = carver.take<T>(rows * width_);
        tape->pre_inverse = carver.take<float>(rows);
        for (std::size_t i = 0; i < blocks_.size(); ++i) {
            const bool last = i + 1 == blocks_.size();
            if (i > 0 && !last && !keep) {  // without a backward pass every block may overwrite the one before
                tape->blocks[i] = tape->blocks[0];
                continue;
            }
            BlockTape<T>& block = tape->blocks[i];
            const std::int64_t fed = last ? count : rows;
            block.normed1 = carver.take<T>(rows * width_);
            block.inverse1 = carver.take<float>(rows);
            block.qkv = carver.take<T>(rows * (last ? 2 : 3) * width_);
            if (last) block.q = carver.take<T>(count * width_);
            block.normed2 = carver.take<T>(fed * width_);
            block.inverse2 = carver.take<float>(fed);
            block.slope = carver.take<T>(fed * hidden_);
        }
        tape->post_normed = carver.take<T>(count * width_);
        tape->post_inverse = carver.take<float>(count);
        return carver.used();
    };
    tape->memory = borrow_memory(carve(nullptr));
    carve(tape->memory.get());
    return tape;
}

template <class T>
typename FastVit<T>::Working FastVit<T>::make_working(std::int64_t count) const {
    Working work{};
    const std::int64_t rows = count * tokens_;
    const auto carve = [&](std::byte* base) {
        Carver carver(base);
        work.x = carver.take<float>(rows * width_);
        work.d_normed = carver.take<float>(rows * std::max(width_, patch_inputs_));
        work.mixed = carver.take<T>(rows * width_);
        work.hidden = carver.take<T>(rows * hidden_);
        work.patches = carver.take<T>(rows * patch_inputs_);
        work.first = carver.take<float>(count * width_);
        work.first_mixed = carver.take<T>(count * width_);
        work.d_qkv = carver.take<T>(rows * 3 * width_);  // of the backward pass; asked for in both, so that they share one block
        work.copy = carver.take<T>(rows * width_);
        return carver.used();
    };
    work.memory = borrow_memory(carve(nullptr));
    carve(work.memory.get());
    return work;
}

template <class T>
HeadInputs<T> FastVit<T>::heads(std::int64_t count, const T* qkv) const {
    return {count, net_.vision.heads, width_ / net_.vision.heads, tokens_,    tokens_,
            qkv,   qkv + width_,      qkv + 2 * width_,           3 * width_, 3 * width_};
}

template <class T>
HeadInputs<T> FastVit<T>::last_heads(std::int64_t count, const T* q, const T* key_value) const {
    return {count, net_.vision.heads, width_ / net_.vision.heads, 1, tokens_, q, key_value, key_value + width_, width_, 2 * width_};
}

/// views [N,3,S,S] -> rows of one patch each, [N * (tokens - 1), 3 p p], in the order of the convolution's weights.
template <class T>
void FastVit<T>::cut_patches(std::int64_t count, const float* views, T* patches) const {
    const std::int64_t grid = net_.grid(), p = net_.patch, side = net_.view_size;
#pragma omp parallel for collapse(2) schedule(static)
    for (std::int64_t n = 0; n < count; ++n) {
        for (std::int64_t cell = 0; cell < grid * grid; ++cell) {
            T* to = patches + (n * grid * grid + cell) * patch_inputs_;
            for (std::int64_t c = 0; c < 3; ++c) {
                for (std::int64_t y = 0; y < p; ++y, to += p) {
                    const float* from = views + ((n * 3 + c) * side + cell / grid * p + y) * side + cell % grid * p;
                    for (std::int64_t x = 0; x < p; ++x) to[x] = narrowed<T>(from[x]);
                }
            }
        }
    }
}

template <class T>
void FastVit<T>::paste_patches(std::int64_t count, const float* patches, float* views) const {
    const std::int64_t grid = net_.grid(), p = net_.patch, side = net_.view_size;
    if (grid * p != side) std::memset(views, 0, static_cast<std::size_t>(count * 3 * side * side) * sizeof(float));
#pragma omp parallel for collapse(2) schedule(static)
    for (std::int64_t n = 0; n < count; ++n) {
        for (std::int64_t cell = 0; cell < grid * grid; ++cell) {
            const float* from = patches + (n * grid * grid + cell) * patch_inputs_;
            for (std::int64_t c = 0; c < 3; ++c) {
                for (std::int64_t y = 0; y < p; ++y, from += p) {
                    float* to = views + ((n * 3 + c) * side + cell / grid * p + y) * side + cell % grid * p;
                    std::memcpy(to, from, static_cast<std::size_t>(p) * sizeof(float));
                }
            }
        }
    }
}

/// The residual stream after the first norm: gain * norm(token + place) + shift.
template <class T>
void FastVit<T>::embed(std::int64_t count, const float* views, const VitTape<T>& tape, const Working& work) const {
    const std::int64_t cells = tokens_ - 1, rows = count * tokens_;
    cut_patches(count, views, work.patches);
    patch_.forward.multiply(count * cells, work.patches, work.d_normed, NumberType::f32);
    const auto *first = class_row_.data_ptr<float>(), *places = places_.data_ptr<float>();
    const auto *gain = pre_gain_.data_ptr<float>(), *shift = pre_shift_.data_ptr<float>();
#pragma omp parallel for schedule(static)
    for (std::int64_t row = 0; row < rows; ++row) {
        const std::int64_t n = row / tokens_, t = row % tokens_;
        const float *patch = work.d_normed + (n * cells + t - 1) * width_, *place = places + t * width_;
        float* x = work.x + row * width_;
        for (std::int64_t i = 0; i < width_; ++i) x[i] = t == 0 ? first[i] : patch[i] + place[i];
    }
    normalise_rows(rows, width_, epsilon_, work.x, tape.pre_normed, tape.pre_inverse);
#pragma omp parallel for schedule(static)
    for (std::int64_t row = 0; row < rows; ++row) {
        const T* normed = tape.pre_normed + row * width_;
        float* x = work.x + row * width_;
        for (std::int64_t i = 0; i < width_; ++i) x[i] = widen(normed[i]) * gain[i] + shift[i];
    }
}

template <class T>
void FastVit<T>::embed_backward(std::int64_t count, const VitTape<T>& tape, const Working& work, float* d_views) const {
    const std::int64_t cells = tokens_ - 1, rows = count * tokens_;
    const auto* gain = pre_gain_.data_ptr<float>();
#pragma omp parallel for schedule(static)
    for (std::int64_t row = 0; row < rows; ++row) {
        float *x = work.x + row * width_, *d = work.d_normed + row * width_;
        for (std::int64_t i = 0; i < width_; ++i) {
            d[i] = x[i] * gain[i];
            x[i] = 0;
        }
    }
    normalise_rows_backward<T>(rows, width_, work.d_normed, tape.pre_normed, tape.pre_inverse, work.x, width_, nullptr);
    T* packed = work.mixed;  // the class tokens come from no view
#pragma omp parallel for schedule(static)
    for (std::int64_t row = 0; row < count * cells; ++row) {
        const float* from = work.x + (row / cells * tokens_ + row % cells + 1) * width_;
        for (std::int64_t i = 0; i < width_; ++i) packed[row * width_ + i] = narrowed<T>(from[i]);
    }
    patch_.backward.multiply(count * cells, packed, work.d_normed, NumberType::f32);
    paste_patches(count, work.d_normed, d_views);
}

/// x += down(f(up(norm(x))))
template <class T>
void FastVit<T>::feed_forward(std::int64_t rows, const PackedBlock& block, const BlockTape<T>& tape, float* x, T* hidden) const {
    normalise_rows(rows, width_, epsilon_, x, tape.normed2, tape.inverse2);
    block.up.forward.multiply(rows, tape.normed2, tape.slope, kType);
    activate_with_slope(rows * hidden_, net_.vision.activation, tape.slope, hidden);
    block.down.forward.multiply(rows, hidden, x, NumberType::f32, Epilogue::add);
}

template <class T>
void FastVit<T>::run_block(std::int64_t count, const PackedBlock& block, const BlockTape<T>& tape, const Working& work) const {
    const std::int64_t rows = count * tokens_;
    normalise_rows(rows, width_, epsilon_, work.x, tape.normed1, tape.inverse1);
    block.qkv.forward.multiply(rows, tape.normed1, tape.qkv, kType);
    attention_forward(heads(count, tape.qkv), work.mixed);
    block.out.forward.multiply(rows, work.mixed, work.x, NumberType::f32, Epilogue::add);
    feed_forward(rows, block, tape, work.x, work.hidden);
}

template <class T>
void FastVit<T>::run_last_block(std::int64_t count, const PackedBlock& block, const BlockTape<T>& tape, const Working& work) const {
    const std::int64_t rows = count * tokens_;
    normalise_rows(rows, width_, epsilon_, work.x, tape.normed1, tape.inverse1);
    block.key_value.forward.multiply(rows, tape.normed1, tape.qkv, kType);
    for (std::int64_t n = 0; n < count; ++n) {
        const auto size = static_cast<std::size_t>(width_);
        std::memcpy(work.first_mixed + n * width_, tape.normed1 + n * tokens_ * width_, size * sizeof(T));
        std::memcpy(work.first + n * width_, work.x + n * tokens_ * width_, size * sizeof(float));
    }
    block.query.forward.multiply(count, work.first_mixed, tape.q, kType);
    attention_forward(last_heads(count, tape.q, tape.qkv), work.first_mixed);
    block.out.forward.multiply(count, work.first_mixed, work.first, NumberType::f32, Epilogue::add);
    feed_forward(count, block, tape, work.first, work.hidden);
}

template <class T>
std::unique_ptr<Tape> FastVit<T>::forward(std::int64_t count, const float* views, float* features, bool keep) const {
    if (count == 0) return make_tape(0, keep);
    auto tape = make_tape(count, keep);
    const Working work = make_working(count);
    embed(count, views, *tape, work);
    for (std::size_t i = 0; i + 1 < blocks_.size(); ++i) run_block(count, blocks_[i], tape->blocks[i], work);
    run_last_block(count, blocks_.back(), tape->blocks.back(), work);
    normalise_rows(count, width_, epsilon_, work.first, tape->post_normed, tape->post_inverse);
    projection_.forward.multiply(count, tape->post_normed, features, NumberType::f32);
    if (!keep) return nullptr;
    return tape;
}

/// dx += gradient of feed_forward, whose incoming gradient is dx itself (`copy` in T); copy = dx afterwards.
template <class T>
void FastVit<T>::feed_forward_backward(std::int64_t rows, const PackedBlock& block, const BlockTape<T>& tape, float* dx, T* copy, T* hidden,
                                       float* d_normed) const {
    block.down.backward.multiply(rows, rows_for_product(dx, copy), hidden, kType, Epilogue::multiply, tape.slope);
    block.up.backward.multiply(rows, hidden, d_normed, NumberType::f32);
    normalise_rows_backward(rows, width_, d_normed, tape.normed2, tape.inverse2, dx, width_, copy_target(copy));
}

template <class T>
void FastVit<T>::block_backward(std::int64_t count, const PackedBlock& block, const BlockTape<T>& tape, const Working& work) const {
    const std::int64_t rows = count * tokens_;
    feed_forward_backward(rows, block, tape, work.x, work.copy, work.hidden, work.d_normed);
    block.out.backward.multiply(rows, rows_for_product(work.x, work.copy), work.mixed, kType);
    attention_backward(heads(count, tape.qkv), work.mixed, work.d_qkv, work.d_qkv + width_, work.d_qkv + 2 * width_);
    block.qkv.backward.multiply(rows, work.d_qkv, work.d_normed, NumberType::f32);
    normalise_rows_backward(rows, width_, work.d_normed, tape.normed1, tape.inverse1, work.x, width_, copy_target(work.copy));
}

/// work.first holds the gradient of the class tokens (work.copy in T); the gradient of all tokens goes to work.x.
template <class T>
void FastVit<T>::last_block_backward(std::int64_t count, const PackedBlock& block, const BlockTape<T>& tape, const Working& work) const {
    const std::int64_t rows = count * tokens_;
    feed_forward_backward(count, block, tape, work.first, work.copy, work.hidden, work.d_normed);
    block.out.backward.multiply(count, rows_for_product(work.first, work.copy), work.first_mixed, kType);
    T* dq = work.mixed;
    attention_backward(last_heads(count, tape.q, tape.qkv), work.first_mixed, dq, work.d_qkv, work.d_qkv + width_);
    std::memset(work.x, 0, static_cast<std::size_t>(rows * width_) * sizeof(float));
    for (std::int64_t n = 0; n < count; ++n) {
        std::memcpy(work.x + n * tokens_ * width_, work.first + n * width_, static_cast<std::size_t>(width_) * sizeof(float));
    }
    block.query.backward.multiply(count, dq, work.first, NumberType::f32);
    block.key_value.backward.multiply(rows, work.d_qkv, work.d_normed, NumberType::f32);
    for (std::int64_t n = 0; n < count; ++n) {
        float* to = work.d_normed + n * tokens_ * width_;
        for (std::int64_t i = 0; i < width_; ++i) to[i] += work.first[n * width_ + i];
    }
    normalise_rows_backward(rows, width_, work.d_normed, tape.normed1, tape.inverse1, work.x, width_, copy_target(work.copy));
}

template <class T>
void FastVit<T>::backward(const Tape& kept, std::int64_t count, const float* d_features, float* d_views) const {
    if (count == 0) return;
    const auto& tape = static_cast<const VitTape<T>&>(kept);
    const Working work = make_working(count);
    for (std::int64_t i = 0; i < count * net_.embedding; ++i) work.hidden[i] = narrowed<T>(d_features[i]);
    projection_.backward.multiply(count, work.hidden, work.d_normed, NumberType::f32);
    std::memset(work.first, 0, static_cast<std::size_t>(count * width_) * sizeof(float));
    normalise_rows_backward(count, width_, work.d_normed, tape.post_normed, tape.post_inverse, work.first, width_, copy_target(work.copy));
    last_block_backward(count, blocks_.back(), tape.blocks.back(), work);
    for (std::size_t i = blocks_.size() - 1; i-- > 0;) block_backward(count, blocks_[i], tape.blocks[i], work);
    embed_backward(count, tape, work, d_views);
}

}  // namespace

std::shared_ptr<const FastNetwork> make_fast_network(const VitWeights& weights, NumberType type) {
    if (type == NumberType::bf16) return std::make_shared<FastVit<Bfloat16>>(weights);
    return std::make_shared<FastVit<float>>(weights);
}

}  // namespace clipig
