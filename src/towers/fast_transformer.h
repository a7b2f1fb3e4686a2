// What the ViT image towers with packed weights have in common (fast_vit.cpp: CLIP's, fast_siglip.cpp): pre-norm blocks over all
// tokens, the feed-forward part of a block, and the memory for both. Against the plain towers:
// - gain and bias of each layer norm and the scale of the queries are folded into the layer that follows;
// - the forward pass keeps normalised rows, q k v and the activation's slope, which is all that the gradient at the views needs.
#pragma once

#include <memory>

#include "towers/attention_kernels.h"
#include "towers/buffer_pool.h"
#include "towers/fast_tower.h"
#include "towers/patch_kernels.h"
#include "towers/row_kernels.h"

namespace clipig {

struct FoldedLayer {
    Tensor weight, bias;
};

/// W (gain n + shift) + b as a layer of n, rows scaled by `row_scale` when that is defined; `bias` may be undefined. In double.
[[nodiscard]] FoldedLayer fold_norm(const Tensor& weight, const Tensor& bias, const Tensor& gain, const Tensor& shift,
                                    const Tensor& row_scale);

struct PackedBlock {
    PackedLayer qkv;               ///< where all tokens ask
    PackedLayer query, key_value;  ///< where one row of each sequence asks
    PackedLayer out, up, down;
};

/// What one block keeps. Where one row of each sequence asks, `qkv` is k v, and the rows of `q`, `normed2`, `inverse2` and `slope` are
/// sequences, not tokens.
template <class T>
struct BlockTape {
    T *normed1 = nullptr, *qkv = nullptr, *q = nullptr, *normed2 = nullptr, *slope = nullptr;
    float *inverse1 = nullptr, *inverse2 = nullptr;
};

template <class T>
class FastTransformer : public FastNetwork {
public:
    [[nodiscard]] std::int64_t embedding() const override { return net_.embedding; }

protected:
    static constexpr NumberType kType = sizeof(T) == sizeof(float) ? NumberType::f32 : NumberType::bf16;
    struct Working {
        std::shared_ptr<std::byte> memory;
        float *x, *d_normed;  ///< [tokens, W]: residual stream, or its gradient
        T *mixed, *hidden, *d_qkv, *patches, *copy;
        float* first;    ///< [N, W]: residual stream of the rows that ask alone
        T* first_mixed;  ///< [N, W]
    };

    FastTransformer(const Architecture& net, std::int64_t tokens);

    /// Scale of the rows of q k v [3W], double: 1 / sqrt(head) for queries.
    [[nodiscard]] Tensor qkv_scale() const;
    /// Everything but query, key and value.
    [[nodiscard]] PackedBlock pack_outputs(const BlockWeights& weights) const;
    [[nodiscard]] PackedBlock pack(const BlockWeights& weights) const;

    /// The tapes of `blocks` that run on all tokens; one for all of them unless `keep`.
    void carve_blocks(Carver& carver, std::int64_t count, bool keep, BlockTape<T>* blocks, std::size_t size) const;
    /// The tape of a block in which one row of each sequence asks.
    void carve_asking(Carver& carver, std::int64_t count, std::int64_t hidden, BlockTape<T>& block) const;
    [[nodiscard]] Working make_working(std::int64_t count) const;

    /// One query for each token, and one for each sequence.
    [[nodiscard]] HeadInputs<T> heads(std::int64_t count, const T* qkv) const;
    [[nodiscard]] HeadInputs<T> asking_heads(std::int64_t count, const T* q, const T* key_value) const;

    /// work.x through the block.
    void run_block(std::int64_t count, const PackedBlock& block, const BlockTape<T>& tape, const Working& work) const;
    /// The gradient in work.x (and work.copy in T) becomes that at the block's input, in both.
    void block_backward(std::int64_t count, const PackedBlock& block, const BlockTape<T>& tape, const Working& work) const;
    /// x += down(f(up(norm(x))))
    void feed_forward(std::int64_t rows, const PackedBlock& block, const BlockTape<T>& tape, float* x, T* hidden) const;
    /// dx += gradient of feed_forward, whose incoming gradient is dx itself (`copy` in T); copy = dx afterwards.
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
    PatchGrid grid_;
    std::int64_t width_, tokens_;
    double epsilon_;
};

}  // namespace clipig
