// CLIP's ViT image tower with packed weights. Beyond fast_transformer.h: only the class token of the last block is read, so the last
// block computes its keys and values for all tokens and the rest for that one, in both directions.
#include <cstring>
#include <vector>

#include "towers/fast_transformer.h"

namespace clipig {
namespace {

template <class T>
struct VitTape : Tape {
    std::shared_ptr<std::byte> memory;
    T *pre_normed = nullptr, *post_normed = nullptr;
    float *pre_inverse = nullptr, *post_inverse = nullptr;
    std::vector<BlockTape<T>> blocks;
};

template <class T>
class FastVit : public FastTransformer<T> {
public:
    explicit FastVit(const VitWeights& weights);
    std::unique_ptr<Tape> forward(std::int64_t count, const float* views, float* features, bool keep) const override;
    void backward(const Tape& tape, std::int64_t count, const float* d_features, float* d_views) const override;

private:
    using Base = FastTransformer<T>;
    using Base::asking_heads, Base::copy_target, Base::feed_forward, Base::feed_forward_backward, Base::kType, Base::rows_for_product;
    using Base::epsilon_, Base::grid_, Base::net_, Base::tokens_, Base::width_;
    using typename Base::Working;
    [[nodiscard]] PackedBlock pack_last(const BlockWeights& weights) const;
    [[nodiscard]] std::unique_ptr<VitTape<T>> make_tape(std::int64_t count, bool keep) const;

    void embed(std::int64_t count, const float* views, const VitTape<T>& tape, const Working& work) const;
    void embed_backward(std::int64_t count, const VitTape<T>& tape, const Working& work, float* d_views) const;
    void run_last_block(std::int64_t count, const PackedBlock& block, const BlockTape<T>& tape, const Working& work) const;
    void last_block_backward(std::int64_t count, const PackedBlock& block, const BlockTape<T>& tape, const Working& work) const;

    PackedLayer patch_, projection_;
    Tensor class_row_, places_, pre_gain_, pre_shift_;
    std::vector<PackedBlock> blocks_;
};

template <class T>
FastVit<T>::FastVit(const VitWeights& weights) : Base(weights.net, weights.places.size(0)), patch_(weights.patch, {}, kType) {
    class_row_ = (weights.class_embedding + weights.places[0]).contiguous();
    places_ = weights.places.contiguous();
    pre_gain_ = weights.pre_weight.contiguous();
    pre_shift_ = weights.pre_bias.contiguous();
    for (const BlockWeights& w : weights.transformer.blocks) {
        blocks_.push_back(&w == &weights.transformer.blocks.back() ? pack_last(w) : this->pack(w));
    }
    const FoldedLayer projection = fold_norm(weights.projection.t(), {}, weights.post_weight, weights.post_bias, {});
    projection_ = PackedLayer(projection.weight, projection.bias, kType);
}

template <class T>
PackedBlock FastVit<T>::pack_last(const BlockWeights& w) const {
    PackedBlock block = this->pack_outputs(w);
    const FoldedLayer qkv = fold_norm(w.qkv_weight, w.qkv_bias, w.norm1_weight, w.norm1_bias, this->qkv_scale());
    block.query = PackedLayer(qkv.weight.narrow(0, 0, width_), qkv.bias.narrow(0, 0, width_), kType);
    block.key_value = PackedLayer(qkv.weight.narrow(0, width_, 2 * width_), qkv.bias.narrow(0, width_, 2 * width_), kType);
    return block;
}

template <class T>
std::unique_ptr<VitTape<T>> FastVit<T>::make_tape(std::int64_t count, bool keep) const {
    auto tape = std::make_unique<VitTape<T>>();
    const std::int64_t rows = count * tokens_;
    tape->memory = borrow_carved([&](Carver& carver) {
        tape->blocks.assign(blocks_.size(), {});
        tape->pre_normed = carver.take<T>(rows * width_);
        tape->pre_inverse = carver.take<float>(rows);
        this->carve_blocks(carver, count, keep, tape->blocks.data(), blocks_.size() - 1);
        this->carve_asking(carver, count, net_.vision.hidden, tape->blocks.back());
        tape->post_normed = carver.take<T>(count * width_);
        tape->post_inverse = carver.take<float>(count);
    });
    return tape;
}

/// The residual stream after the first norm: gain * norm(token + place) + shift.
template <class T>
void FastVit<T>::embed(std::int64_t count, const float* views, const VitTape<T>& tape, const Working& work) const {
    const std::int64_t cells = tokens_ - 1, rows = count * tokens_;
    cut_patches(grid_, count, views, work.patches);
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
    paste_patches(grid_, count, work.d_normed, d_views);
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
    attention_forward(asking_heads(count, tape.q, tape.qkv), work.first_mixed);
    block.out.forward.multiply(count, work.first_mixed, work.first, NumberType::f32, Epilogue::add);
    feed_forward(count, block, tape, work.first, work.hidden);
}

template <class T>
std::unique_ptr<Tape> FastVit<T>::forward(std::int64_t count, const float* views, float* features, bool keep) const {
    if (count == 0) return make_tape(0, keep);
    auto tape = make_tape(count, keep);
    const Working work = this->make_working(count);
    embed(count, views, *tape, work);
    for (std::size_t i = 0; i + 1 < blocks_.size(); ++i) this->run_block(count, blocks_[i], tape->blocks[i], work);
    run_last_block(count, blocks_.back(), tape->blocks.back(), work);
    normalise_rows(count, width_, epsilon_, work.first, tape->post_normed, tape->post_inverse);
    projection_.forward.multiply(count, tape->post_normed, features, NumberType::f32);
    if (!keep) return nullptr;
    return tape;
}

/// work.first holds the gradient of the class tokens (work.copy in T); the gradient of all tokens goes to work.x.
template <class T>
void FastVit<T>::last_block_backward(std::int64_t count, const PackedBlock& block, const BlockTape<T>& tape, const Working& work) const {
    const std::int64_t rows = count * tokens_;
    feed_forward_backward(count, block, tape, work.first, work.copy, work.hidden, work.d_normed);
    block.out.backward.multiply(count, rows_for_product(work.first, work.copy), work.first_mixed, kType);
    T* dq = work.mixed;
    attention_backward(asking_heads(count, tape.q, tape.qkv), work.first_mixed, dq, work.d_qkv, work.d_qkv + width_);
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
    const Working work = this->make_working(count);
    for (std::int64_t i = 0; i < count * net_.embedding; ++i) work.hidden[i] = narrowed<T>(d_features[i]);
    projection_.backward.multiply(count, work.hidden, work.d_normed, NumberType::f32);
    std::memset(work.first, 0, static_cast<std::size_t>(count * width_) * sizeof(float));
    normalise_rows_backward(count, width_, work.d_normed, tape.post_normed, tape.post_inverse, work.first, width_, copy_target(work.copy));
    last_block_backward(count, blocks_.back(), tape.blocks.back(), work);
    for (std::size_t i = blocks_.size() - 1; i-- > 0;) this->block_backward(count, blocks_[i], tape.blocks[i], work);
    embed_backward(count, tape, work, d_views);
}

}  // namespace

std::shared_ptr<const FastNetwork> make_fast_network(const VitWeights& weights, NumberType type) {
    if (type == NumberType::bf16) return std::make_shared<FastVit<Bfloat16>>(weights);
    return std::make_shared<FastVit<float>>(weights);
}

}  // namespace clipig
