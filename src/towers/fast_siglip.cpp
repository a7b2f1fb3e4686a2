// SigLIP's ViT image tower with packed weights. Beyond fast_transformer.h: there is no class token, so every block runs on all tokens; the
// pool at the end is a block in which one learned query, the same for every view, asks the tokens. What does not depend on the view
// is computed once: that query, and the bias of the patches, which is added to their places.
#include <algorithm>
#include <cstring>
#include <vector>

#include "towers/fast_transformer.h"

namespace clipig {
namespace {

template <class T>
struct SiglipTape : Tape {
    std::shared_ptr<std::byte> memory;
    std::vector<BlockTape<T>> blocks;
    BlockTape<T> pool;
};

template <class T>
class FastSiglip : public FastTransformer<T> {
public:
    explicit FastSiglip(const SiglipWeights& weights);
    std::unique_ptr<Tape> forward(std::int64_t count, const float* views, float* features, bool keep) const override;
    void backward(const Tape& tape, std::int64_t count, const float* d_features, float* d_views) const override;

private:
    using Base = FastTransformer<T>;
    using Base::asking_heads, Base::copy_target, Base::kType, Base::rows_for_product;
    using Base::epsilon_, Base::grid_, Base::net_, Base::tokens_, Base::width_;
    using typename Base::Working;
    void pack_pool(const SiglipWeights& weights);
    [[nodiscard]] std::unique_ptr<SiglipTape<T>> make_tape(std::int64_t count, bool keep) const;

    void embed(std::int64_t count, const float* views, const Working& work) const;
    void embed_backward(std::int64_t count, const Working& work, float* d_views) const;
    void run_pool(std::int64_t count, const BlockTape<T>& tape, const Working& work, float* features) const;
    void pool_backward(std::int64_t count, const BlockTape<T>& tape, const Working& work, const float* d_features) const;

    PackedLayer patch_;
    Tensor places_;  ///< [tokens, W], with the bias of the patches
    std::vector<PackedBlock> blocks_;
    PackedBlock pool_;
    std::vector<T> query_;  ///< [W]: the pool's, scaled
};

template <class T>
FastSiglip<T>::FastSiglip(const SiglipWeights& weights) : Base(weights.net, weights.places.size(0)), patch_(weights.patch, {}, kType) {
    places_ = (weights.places + weights.patch_bias).contiguous();
    for (const BlockWeights& w : weights.transformer.blocks) blocks_.push_back(this->pack(w));
    pack_pool(weights);
}

/// The norm after the blocks is folded into keys and values, as every other norm is.
template <class T>
void FastSiglip<T>::pack_pool(const SiglipWeights& w) {
    BlockWeights outputs;
    outputs.norm2_weight = w.norm_weight;
    outputs.norm2_bias = w.norm_bias;
    outputs.out_weight = w.out_weight;
    outputs.out_bias = w.out_bias;
    outputs.up_weight = w.up_weight;
    outputs.up_bias = w.up_bias;
    outputs.down_weight = w.down_weight;
    outputs.down_bias = w.down_bias;
    pool_ = this->pack_outputs(outputs);
    const FoldedLayer key_value =
        fold_norm(w.qkv_weight.narrow(0, width_, 2 * width_), w.qkv_bias.narrow(0, width_, 2 * width_), w.post_weight, w.post_bias, {});
    pool_.key_value = PackedLayer(key_value.weight, key_value.bias, kType);
    const Tensor asked = at::mv(w.qkv_weight.narrow(0, 0, width_).to(at::kDouble), w.latent.view({width_}).to(at::kDouble)) +
                         w.qkv_bias.narrow(0, 0, width_).to(at::kDouble);
    const Tensor query = (asked * this->qkv_scale().narrow(0, 0, width_)).to(at::kFloat);
    for (std::int64_t i = 0; i < width_; ++i) query_.push_back(narrowed<T>(query.data_ptr<float>()[i]));
}

template <class T>
std::unique_ptr<SiglipTape<T>> FastSiglip<T>::make_tape(std::int64_t count, bool keep) const {
    auto tape = std::make_unique<SiglipTape<T>>();
    tape->memory = borrow_carved([&](Carver& carver) {
        tape->blocks.assign(blocks_.size(), {});
        this->carve_blocks(carver, count, keep, tape->blocks.data(), blocks_.size());
        this->carve_asking(carver, count, net_.pool_hidden, tape->pool);
    });
    return tape;
}

/// work.x = patches W^T + places
template <class T>
void FastSiglip<T>::embed(std::int64_t count, const float* views, const Working& work) const {
    const std::int64_t rows = count * tokens_;
    const auto* places = places_.data_ptr<float>();
    cut_patches(grid_, count, views, work.patches);
#pragma omp parallel for schedule(static)
    for (std::int64_t n = 0; n < count; ++n) {
        std::memcpy(work.x + n * tokens_ * width_, places, static_cast<std::size_t>(tokens_ * width_) * sizeof(float));
    }
    patch_.forward.multiply(rows, work.patches, work.x, NumberType::f32, Epilogue::add);
}

template <class T>
void FastSiglip<T>::embed_backward(std::int64_t count, const Working& work, float* d_views) const {
    patch_.backward.multiply(count * tokens_, rows_for_product(work.x, work.copy), work.d_normed, NumberType::f32);
    paste_patches(grid_, count, work.d_normed, d_views);
}

template <class T>
void FastSiglip<T>::run_pool(std::int64_t count, const BlockTape<T>& tape, const Working& work, float* features) const {
    const std::int64_t rows = count * tokens_;
    normalise_rows(rows, width_, epsilon_, work.x, tape.normed1, tape.inverse1);
    pool_.key_value.forward.multiply(rows, tape.normed1, tape.qkv, kType);
    for (std::int64_t n = 0; n < count; ++n) std::copy(query_.begin(), query_.end(), tape.q + n * width_);
    attention_forward(asking_heads(count, tape.q, tape.qkv), work.first_mixed);
    pool_.out.forward.multiply(count, work.first_mixed, features, NumberType::f32);
    this->feed_forward(count, pool_, tape, features, work.hidden);
}

template <class T>
std::unique_ptr<Tape> FastSiglip<T>::forward(std::int64_t count, const float* views, float* features, bool keep) const {
    if (count == 0) return make_tape(0, keep);
    auto tape = make_tape(count, keep);
    const Working work = this->make_working(count);
    embed(count, views, work);
    for (std::size_t i = 0; i < blocks_.size(); ++i) this->run_block(count, blocks_[i], tape->blocks[i], work);
    run_pool(count, tape->pool, work, features);
    if (!keep) return nullptr;
    return tape;
}

/// The gradient of all tokens goes to work.x (work.copy in T).
template <class T>
void FastSiglip<T>::pool_backward(std::int64_t count, const BlockTape<T>& tape, const Working& work, const float* d_features) const {
    const std::int64_t rows = count * tokens_;
    for (std::int64_t i = 0; i < count * width_; ++i) {
        work.first[i] = d_features[i];
        work.copy[i] = narrowed<T>(d_features[i]);
    }
    this->feed_forward_backward(count, pool_, tape, work.first, work.copy, work.hidden, work.d_normed);
    pool_.out.backward.multiply(count, rows_for_product(work.first, work.copy), work.first_mixed, kType);
    T* dq = work.mixed;  // of the learned query: nobody needs it
    attention_backward(asking_heads(count, tape.q, tape.qkv), work.first_mixed, dq, work.d_qkv, work.d_qkv + width_);
    pool_.key_value.backward.multiply(rows, work.d_qkv, work.d_normed, NumberType::f32);
    std::memset(work.x, 0, static_cast<std::size_t>(rows * width_) * sizeof(float));
    normalise_rows_backward(rows, width_, work.d_normed, tape.normed1, tape.inverse1, work.x, width_, copy_target(work.copy));
}

template <class T>
void FastSiglip<T>::backward(const Tape& kept, std::int64_t count, const float* d_features, float* d_views) const {
    if (count == 0) return;
    const auto& tape = static_cast<const SiglipTape<T>&>(kept);
    const Working work = this->make_working(count);
    pool_backward(count, tape.pool, work, d_features);
    for (std::size_t i = blocks_.size(); i-- > 0;) this->block_backward(count, blocks_[i], tape.blocks[i], work);
    embed_backward(count, work, d_views);
}

}  // namespace

std::shared_ptr<const FastNetwork> make_fast_network(const SiglipWeights& weights, NumberType type) {
    if (type == NumberType::bf16) return std::make_shared<FastSiglip<Bfloat16>>(weights);
    return std::make_shared<FastSiglip<float>>(weights);
}

}  // namespace clipig
