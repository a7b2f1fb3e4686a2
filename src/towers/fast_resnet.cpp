// CLIP's ResNet with packed weights, channels last: 1x1 convolutions are products of matrices, the rectifier and the sum with
// the shortcut ride on them. Kept for the backward pass: every rectified output, which says where gradients pass.
#include <cmath>
#include <cstring>

#include "towers/attention_kernels.h"
#include "towers/buffer_pool.h"
#include "towers/fast_tower.h"
#include "towers/packed_convolution.h"
#include "towers/picture_kernels.h"
#include "towers/row_kernels.h"

namespace clipig {
namespace {

PackedConvolution pack_convolution(const Convolution& convolution, std::int64_t side, NumberType type) {
    const Tensor w = convolution.weight.contiguous(), b = convolution.bias.contiguous();
    return {w.data_ptr<float>(), b.data_ptr<float>(), w.size(1), w.size(0), side, side, type};
}

PackedLayer pack_pointwise(const Convolution& convolution, NumberType type) {
    return {convolution.weight.flatten(1), convolution.bias, type};
}

struct PackedBottleneck {
    PackedLayer reduce, expand, shortcut;
    PackedConvolution middle;
    std::int64_t side = 0, in = 0, planes = 0, out = 0;  ///< side of the input; channels
    bool pooled = false, has_shortcut = false;
    [[nodiscard]] std::int64_t out_side() const { return pooled ? side / 2 : side; }
};

template <class T>
struct ResNetTape : Tape {
    struct Block {
        T *reduced = nullptr, *middle = nullptr, *out = nullptr;
    };
    std::shared_ptr<std::byte> memory;
    T *stem1 = nullptr, *stem2 = nullptr, *stem3 = nullptr, *start = nullptr;
    std::vector<Block> blocks;
    T *query = nullptr, *key_value = nullptr;
};

template <class T>
class FastResNet : public FastNetwork {
public:
    explicit FastResNet(const ResNetWeights& weights);
    std::unique_ptr<Tape> forward(std::int64_t count, const float* views, float* features, bool keep) const override;
    void backward(const Tape& tape, std::int64_t count, const float* d_features, float* d_views) const override;
    [[nodiscard]] std::int64_t embedding() const override { return net_.embedding; }

private:
    static constexpr NumberType kType = sizeof(T) == sizeof(float) ? NumberType::f32 : NumberType::bf16;
    struct Working {
        std::shared_ptr<std::byte> memory;
        T *first, *second, *third;  ///< each as large as the largest picture
    };
    [[nodiscard]] std::unique_ptr<ResNetTape<T>> make_tape(std::int64_t count) const;
    [[nodiscard]] Working make_working(std::int64_t count) const;
    [[nodiscard]] PictureShape stem_shape(std::int64_t count, std::int64_t channels) const {
        return {count, net_.view_size / 2, net_.view_size / 2, channels};
    }
    void run_block(std::int64_t count, const PackedBottleneck& block, const T* x, const typename ResNetTape<T>::Block& tape,
                   const Working& work) const;
    void block_backward(std::int64_t count, const PackedBottleneck& block, const typename ResNetTape<T>::Block& tape, Working& work) const;
    void pool(std::int64_t count, const T* x, const ResNetTape<T>& tape, const Working& work, float* features) const;
    void pool_backward(std::int64_t count, const ResNetTape<T>& tape, const Working& work, const float* d_features) const;
    [[nodiscard]] HeadInputs<T> heads(std::int64_t count, const ResNetTape<T>& tape) const;
    void add_mean_tokens(std::int64_t count, const T* x, T* tokens) const;

    Architecture net_;
    std::int64_t cells_, width_;  ///< places and channels that the attention pool sees
    PackedLayer stem1_;
    PackedConvolution stem2_, stem3_;
    std::vector<PackedBottleneck> blocks_;
    PackedLayer query_, key_value_, out_;
    Tensor places_;
};

template <class T>
FastResNet<T>::FastResNet(const ResNetWeights& weights) : net_(weights.net), cells_(net_.grid() * net_.grid()), width_(net_.pool_width()) {
    const std::int64_t half = net_.view_size / 2;
    stem1_ = PackedLayer(weights.stem[0].weight.flatten(1), weights.stem[0].bias, kType);
    stem2_ = pack_convolution(weights.stem[1], half, kType);
    stem3_ = pack_convolution(weights.stem[2], half, kType);
    std::int64_t side = half / 2;
    for (const Bottleneck& b : weights.blocks) {
        PackedBottleneck block;
        block.side = side;
        block.in = b.reduce.weight.size(1);
        block.planes = b.reduce.weight.size(0);
        block.out = b.expand.weight.size(0);
        block.pooled = b.pooled;
        block.has_shortcut = b.has_shortcut;
        block.reduce = pack_pointwise(b.reduce, kType);
        block.expand = pack_pointwise(b.expand, kType);
        if (b.has_shortcut) block.shortcut = pack_pointwise(b.shortcut, kType);
        block.middle = pack_convolution(b.middle, side, kType);
        side = block.out_side();
        blocks_.push_back(std::move(block));
    }
    const double scale = 1 / std::sqrt(static_cast<double>(width_ / net_.pool_heads));
    query_ = PackedLayer(weights.query_weight * scale, weights.query_bias * scale, kType);
    key_value_ = PackedLayer(at::cat({weights.key_weight, weights.value_weight}), at::cat({weights.key_bias, weights.value_bias}), kType);
    out_ = PackedLayer(weights.out_weight, weights.out_bias, kType);
    places_ = weights.places.contiguous();
}

template <class T>
std::unique_ptr<ResNetTape<T>> FastResNet<T>::make_tape(std::int64_t count) const {
    auto tape = std::make_unique<ResNetTape<T>>();
    const std::int64_t stem = count * net_.view_size * net_.view_size / 4, channels = net_.stem_width;
    tape->memory = borrow_carved([&](Carver& carver) {
        tape->blocks.clear();
        tape->stem1 = carver.take<T>(stem * channels / 2);
        tape->stem2 = carver.take<T>(stem * channels / 2);
        tape->stem3 = carver.take<T>(stem * channels);
        tape->start = carver.take<T>(stem / 4 * channels);
        for (const PackedBottleneck& block : blocks_) {
            const std::int64_t in = count * block.side * block.side, out = count * block.out_side() * block.out_side();
            tape->blocks.push_back({carver.take<T>(in * block.planes), carver.take<T>(in * block.planes), carver.take<T>(out * block.out)});
        }
        tape->query = carver.take<T>(count * width_);
        tape->key_value = carver.take<T>(count * (cells_ + 1) * 2 * width_);
    });
    return tape;
}

template <class T>
typename FastResNet<T>::Working FastResNet<T>::make_working(std::int64_t count) const {
    Working work{};
    const std::int64_t stem = net_.view_size * net_.view_size / 4;
    std::int64_t largest = std::max(stem * std::max<std::int64_t>(27, net_.stem_width), (cells_ + 1) * 2 * width_);
    for (const PackedBottleneck& block : blocks_)
        largest = std::max(largest, block.side * block.side * std::max({block.in, block.planes, block.out}));
    work.memory = borrow_carved([&](Carver& carver) {
        work.first = carver.take<T>(count * largest);
        work.second = carver.take<T>(count * largest);
        work.third = carver.take<T>(count * largest);
    });
    return work;
}

template <class T>
void FastResNet<T>::run_block(std::int64_t count, const PackedBottleneck& block, const T* x, const typename ResNetTape<T>::Block& tape,
                              const Working& work) const {
    const PictureShape in{count, block.side, block.side, block.in}, inner{count, block.side, block.side, block.planes};
    const std::int64_t out_rows = count * block.out_side() * block.out_side();
    block.reduce.forward.multiply(in.rows(), x, tape.reduced, kType, Epilogue::relu);
    block.middle.forward(count, tape.reduced, tape.middle);
    const T *y = tape.middle, *shortcut = x;
    if (block.pooled) {
        average_pool(inner, tape.middle, work.first);
        y = work.first;
    }
    if (block.has_shortcut) {
        if (block.pooled) average_pool(in, x, work.second);
        block.shortcut.forward.multiply(out_rows, block.pooled ? work.second : x, work.third, kType);
        shortcut = work.third;
    }
    block.expand.forward.multiply(out_rows, y, tape.out, kType, Epilogue::plus_relu, shortcut);
}

/// work.first holds the gradient at the block's output, and afterwards at its input (the arrays of `work` may change places).
template <class T>
void FastResNet<T>::block_backward(std::int64_t count, const PackedBottleneck& block, const typename ResNetTape<T>::Block& tape,
                                   Working& work) const {
    const PictureShape in{count, block.side, block.side, block.in}, inner{count, block.side, block.side, block.planes};
    const std::int64_t out_rows = count * block.out_side() * block.out_side();
    rectifier_backward(out_rows * block.out, tape.out, work.first);
    block.expand.backward.multiply(out_rows, work.first, work.second, kType);
    if (block.pooled) {
        average_pool_backward(inner, work.second, tape.middle, work.third);
        std::swap(work.second, work.third);
    } else {
        rectifier_backward(inner.elements(), tape.middle, work.second);
    }
    block.middle.backward(count, work.second, work.third);
    rectifier_backward(inner.elements(), tape.reduced, work.third);
    if (block.has_shortcut) {
        block.shortcut.backward.multiply(out_rows, work.first, work.second, kType);
        if (block.pooled) {
            average_pool_backward<T>(in, work.second, nullptr, work.first);
        } else {
            std::swap(work.first, work.second);
        }
    }
    block.reduce.backward.multiply(in.rows(), work.third, work.first, kType, Epilogue::add);
}

/// tokens [N, 1 + cells, C]: the mean over the cells, then the cells, plus their places.
template <class T>
void FastResNet<T>::add_mean_tokens(std::int64_t count, const T* x, T* tokens) const {
    const auto* places = places_.data_ptr<float>();
    const float share = 1.0f / static_cast<float>(cells_);
#pragma omp parallel for schedule(static)
    for (std::int64_t n = 0; n < count; ++n) {
        const T* from = x + n * cells_ * width_;
        T* to = tokens + n * (cells_ + 1) * width_;
        for (std::int64_t c = 0; c < width_; ++c) {
            float sum = 0;
            for (std::int64_t cell = 0; cell < cells_; ++cell) {
                const float value = widen(from[cell * width_ + c]);
                sum += value;
                to[(cell + 1) * width_ + c] = narrowed<T>(value + places[(cell + 1) * width_ + c]);
            }
            to[c] = narrowed<T>(sum * share + places[c]);
        }
    }
}

template <class T>
HeadInputs<T> FastResNet<T>::heads(std::int64_t count, const ResNetTape<T>& tape) const {
    return {count,      net_.pool_heads, width_ / net_.pool_heads, 1,      cells_ + 1,
            tape.query, tape.key_value,  tape.key_value + width_,  width_, 2 * width_};
}

template <class T>
void FastResNet<T>::pool(std::int64_t count, const T* x, const ResNetTape<T>& tape, const Working& work, float* features) const {
    T *tokens = work.first, *means = work.second;
    add_mean_tokens(count, x, tokens);
    for (std::int64_t n = 0; n < count; ++n)
        std::memcpy(means + n * width_, tokens + n * (cells_ + 1) * width_, static_cast<std::size_t>(width_) * sizeof(T));
    query_.forward.multiply(count, means, tape.query, kType);
    key_value_.forward.multiply(count * (cells_ + 1), tokens, tape.key_value, kType);
    attention_forward(heads(count, tape), means);
    out_.forward.multiply(count, means, features, NumberType::f32);
}

/// Leaves the gradient at the last block's output in work.first.
template <class T>
void FastResNet<T>::pool_backward(std::int64_t count, const ResNetTape<T>& tape, const Working& work, const float* d_features) const {
    T *d_tokens = work.first, *d_mixed = work.second, *d_query = work.second + count * width_, *d_key_value = work.third;
    for (std::int64_t i = 0; i < count * net_.embedding; ++i) d_tokens[i] = narrowed<T>(d_features[i]);
    out_.backward.multiply(count, d_tokens, d_mixed, kType);
    attention_backward(heads(count, tape), d_mixed, d_query, d_key_value, d_key_value + width_);
    query_.backward.multiply(count, d_query, d_mixed, kType);
    key_value_.backward.multiply(count * (cells_ + 1), d_key_value, d_tokens, kType);
    const float share = 1.0f / static_cast<float>(cells_);
    // in place: row r of the result is written after row r + n + 1 of the tokens was read, and never before
    for (std::int64_t n = 0; n < count; ++n) {
        const T* mean = d_mixed + n * width_;
        T* head = d_key_value + n * width_;  // free by now
        for (std::int64_t c = 0; c < width_; ++c)
            head[c] = narrowed<T>((widen(mean[c]) + widen(d_tokens[n * (cells_ + 1) * width_ + c])) * share);
        for (std::int64_t cell = 0; cell < cells_; ++cell) {
            const T* from = d_tokens + (n * (cells_ + 1) + cell + 1) * width_;
            T* to = d_tokens + (n * cells_ + cell) * width_;
            for (std::int64_t c = 0; c < width_; ++c) to[c] = narrowed<T>(widen(from[c]) + widen(head[c]));
        }
    }
}

template <class T>
std::unique_ptr<Tape> FastResNet<T>::forward(std::int64_t count, const float* views, float* features, bool keep) const {
    auto tape = make_tape(count);
    if (count == 0) return tape;
    const Working work = make_working(count);
    cut_neighbourhoods(count, net_.view_size, views, work.first);
    stem1_.forward.multiply(stem_shape(count, 27).rows(), work.first, tape->stem1, kType, Epilogue::relu);
    stem2_.forward(count, tape->stem1, tape->stem2);
    stem3_.forward(count, tape->stem2, tape->stem3);
    average_pool(stem_shape(count, net_.stem_width), tape->stem3, tape->start);
    const T* x = tape->start;
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
        run_block(count, blocks_[i], x, tape->blocks[i], work);
        x = tape->blocks[i].out;
    }
    pool(count, x, *tape, work, features);
    if (!keep) return nullptr;
    return tape;
}

template <class T>
void FastResNet<T>::backward(const Tape& kept, std::int64_t count, const float* d_features, float* d_views) const {
    if (count == 0) return;
    const auto& tape = static_cast<const ResNetTape<T>&>(kept);
    Working work = make_working(count);
    pool_backward(count, tape, work, d_features);
    for (std::size_t i = blocks_.size(); i-- > 0;) block_backward(count, blocks_[i], tape.blocks[i], work);
    const PictureShape wide = stem_shape(count, net_.stem_width), narrow = stem_shape(count, net_.stem_width / 2);
    average_pool_backward(wide, work.first, tape.stem3, work.second);
    stem3_.backward(count, work.second, work.first);
    rectifier_backward(narrow.elements(), tape.stem2, work.first);
    stem2_.backward(count, work.first, work.second);
    rectifier_backward(narrow.elements(), tape.stem1, work.second);
    stem1_.backward.multiply(narrow.rows(), work.second, work.first, kType);
    paste_neighbourhoods(count, net_.view_size, work.first, d_views);
}

}  // namespace

std::shared_ptr<const FastNetwork> make_fast_network(const ResNetWeights& weights, NumberType type) {
    if (type == NumberType::bf16) return std::make_shared<FastResNet<Bfloat16>>(weights);
    return std::make_shared<FastResNet<float>>(weights);
}

}  // namespace clipig
