#include "towers/fast_transformer.h"

#include <algorithm>
#include <cmath>

namespace clipig {

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

template <class T>
FastTransformer<T>::FastTransformer(const Architecture& net, std::int64_t tokens)
    : net_(net), grid_{net.view_size, net.patch}, width_(net.vision.width), tokens_(tokens), epsilon_(net.vision.epsilon) {}

template <class T>
Tensor FastTransformer<T>::qkv_scale() const {
    const Tensor query = at::full({width_}, 1 / std::sqrt(static_cast<double>(width_ / net_.vision.heads)), at::kDouble);
    return at::cat({query, at::ones({2 * width_}, at::kDouble)});
}

template <class T>
PackedBlock FastTransformer<T>::pack_outputs(const BlockWeights& w) const {
    PackedBlock block;
    const FoldedLayer up = fold_norm(w.up_weight, w.up_bias, w.norm2_weight, w.norm2_bias, {});
    block.out = PackedLayer(w.out_weight, w.out_bias, kType);
    block.up = PackedLayer(up.weight, up.bias, kType);
    block.down = PackedLayer(w.down_weight, w.down_bias, kType);
    return block;
}

template <class T>
PackedBlock FastTransformer<T>::pack(const BlockWeights& w) const {
    PackedBlock block = pack_outputs(w);
    const FoldedLayer qkv = fold_norm(w.qkv_weight, w.qkv_bias, w.norm1_weight, w.norm1_bias, qkv_scale());
    block.qkv = PackedLayer(qkv.weight, qkv.bias, kType);
    return block;
}

template <class T>
void FastTransformer<T>::carve_blocks(Carver& carver, std::int64_t count, bool keep, BlockTape<T>* blocks, std::size_t size) const {
    const std::int64_t rows = count * tokens_;
    for (std::size_t i = 0; i < size; ++i) {
        if (i > 0 && !keep) {  // without a backward pass every block may overwrite the one before
            blocks[i] = blocks[0];
            continue;
        }
        blocks[i].normed1 = carver.take<T>(rows * width_);
        blocks[i].inverse1 = carver.take<float>(rows);
        blocks[i].qkv = carver.take<T>(rows * 3 * width_);
        blocks[i].normed2 = carver.take<T>(rows * width_);
        blocks[i].inverse2 = carver.take<float>(rows);
        blocks[i].slope = carver.take<T>(rows * net_.vision.hidden);
    }
}

template <class T>
void FastTransformer<T>::carve_asking(Carver& carver, std::int64_t count, std::int64_t hidden, BlockTape<T>& block) const {
    const std::int64_t rows = count * tokens_;
    block.normed1 = carver.take<T>(rows * width_);
    block.inverse1 = carver.take<float>(rows);
    block.qkv = carver.take<T>(rows * 2 * width_);
    block.q = carver.take<T>(count * width_);
    block.normed2 = carver.take<T>(count * width_);
    block.inverse2 = carver.take<float>(count);
    block.slope = carver.take<T>(count * hidden);
}

template <class T>
typename FastTransformer<T>::Working FastTransformer<T>::make_working(std::int64_t count) const {
    Working work{};
    const std::int64_t rows = count * tokens_;
    work.memory = borrow_carved([&](Carver& carver) {
        work.x = carver.take<float>(rows * width_);
        work.d_normed = carver.take<float>(rows * std::max(width_, grid_.inputs()));
        work.mixed = carver.take<T>(rows * width_);
        work.hidden = carver.take<T>(std::max(rows * net_.vision.hidden, count * std::max(net_.embedding, net_.pool_hidden)));
        work.patches = carver.take<T>(rows * grid_.inputs());
        work.first = carver.take<float>(count * width_);
        work.first_mixed = carver.take<T>(count * width_);
        work.d_qkv = carver.take<T>(rows * 3 * width_);  // of the backward pass; asked for in both, so that they share one block
        work.copy = carver.take<T>(rows * width_);
    });
    return work;
}

template <class T>
HeadInputs<T> FastTransformer<T>::heads(std::int64_t count, const T* qkv) const {
    return {count, net_.vision.heads, width_ / net_.vision.heads, tokens_,    tokens_,
            qkv,   qkv + width_,      qkv + 2 * width_,           3 * width_, 3 * width_};
}

template <class T>
HeadInputs<T> FastTransformer<T>::asking_heads(std::int64_t count, const T* q, const T* key_value) const {
    return {count, net_.vision.heads, width_ / net_.vision.heads, 1, tokens_, q, key_value, key_value + width_, width_, 2 * width_};
}

template <class T>
void FastTransformer<T>::feed_forward(std::int64_t rows, const PackedBlock& block, const BlockTape<T>& tape, float* x, T* hidden) const {
    normalise_rows(rows, width_, epsilon_, x, tape.normed2, tape.inverse2);
    block.up.forward.multiply(rows, tape.normed2, tape.slope, kType);
    activate_with_slope(rows * block.up.forward.outer(), net_.vision.activation, tape.slope, hidden);
    block.down.forward.multiply(rows, hidden, x, NumberType::f32, Epilogue::add);
}

template <class T>
void FastTransformer<T>::feed_forward_backward(std::int64_t rows, const PackedBlock& block, const BlockTape<T>& tape, float* dx, T* copy,
                                               T* hidden, float* d_normed) const {
    block.down.backward.multiply(rows, rows_for_product(dx, copy), hidden, kType, Epilogue::multiply, tape.slope);
    block.up.backward.multiply(rows, hidden, d_normed, NumberType::f32);
    normalise_rows_backward(rows, width_, d_normed, tape.normed2, tape.inverse2, dx, width_, copy_target(copy));
}

template <class T>
void FastTransformer<T>::run_block(std::int64_t count, const PackedBlock& block, const BlockTape<T>& tape, const Working& work) const {
    const std::int64_t rows = count * tokens_;
    normalise_rows(rows, width_, epsilon_, work.x, tape.normed1, tape.inverse1);
    block.qkv.forward.multiply(rows, tape.normed1, tape.qkv, kType);
    attention_forward(heads(count, tape.qkv), work.mixed);
    block.out.forward.multiply(rows, work.mixed, work.x, NumberType::f32, Epilogue::add);
    feed_forward(rows, block, tape, work.x, work.hidden);
}

template <class T>
void FastTransformer<T>::block_backward(std::int64_t count, const PackedBlock& block, const BlockTape<T>& tape, const Working& work) const {
    const std::int64_t rows = count * tokens_;
    feed_forward_backward(rows, block, tape, work.x, work.copy, work.hidden, work.d_normed);
    block.out.backward.multiply(rows, rows_for_product(work.x, work.copy), work.mixed, kType);
    attention_backward(heads(count, tape.qkv), work.mixed, work.d_qkv, work.d_qkv + width_, work.d_qkv + 2 * width_);
    block.qkv.backward.multiply(rows, work.d_qkv, work.d_normed, NumberType::f32);
    normalise_rows_backward(rows, width_, work.d_normed, tape.normed1, tape.inverse1, work.x, width_, copy_target(work.copy));
}

template class FastTransformer<float>;
template class FastTransformer<Bfloat16>;

}  // namespace clipig
